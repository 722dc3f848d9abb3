-- Identity, vintage by vintage: one begins where a field has another value.

DELETE FROM core.programme WHERE programme_id IN (FROM touched);

INSERT INTO core.programme BY NAME
WITH told AS (
    SELECT
        *,
        (title, description, fund_code, fund_name, theme, start_date, end_date, country, status,
            participating_organization) AS said
    FROM identity
    WHERE capture_id IS NOT NULL
)
SELECT * EXCLUDE (first_at, said, seen_status), first_at AS known_from
FROM told
QUALIFY said IS DISTINCT FROM lag(said) OVER (PARTITION BY programme_id ORDER BY first_at);
