-- Begin a vintage of a programme's identity wherever a field changes.
-- reads: identity
-- writes: core.programme

INSERT INTO core.programme BY NAME
WITH observed AS (
    SELECT
        * EXCLUDE (first_at, seen_status),
        first_at AS known_from,
        row(*COLUMNS(* EXCLUDE (programme_id, first_at, seen_status, capture_id))) AS fields
    FROM identity
    WHERE capture_id IS NOT NULL
)
SELECT * EXCLUDE (fields) REPLACE (nullif(country_code, '(none)') AS country_code)
FROM observed
QUALIFY fields IS DISTINCT FROM lag(fields) OVER (PARTITION BY programme_id ORDER BY known_from);
