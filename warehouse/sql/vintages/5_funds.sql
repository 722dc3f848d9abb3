-- Funds: identity field by field, what a page does not show carried forward; the statement as a
-- whole list, of which a page without one says nothing. Where two pages of one second contradict
-- each other, the one with the greater SHA-256 counts.

DELETE FROM core.fund WHERE fund_code IN (FROM touched);

INSERT INTO core.fund BY NAME
WITH shown AS (
    SELECT
        s.about AS fund_code,
        s.first_at AS known_from,
        max_by(o.name, body_sha256) AS name,
        max_by(o.fund_type, body_sha256) AS fund_type,
        max_by(o.start_date, body_sha256) AS start_date,
        max_by(o.end_date, body_sha256) AS end_date,
        max_by(s.capture_id, (body_sha256, s.capture_id)) AS capture_id
    FROM segment AS s
    JOIN shown_fund AS o USING (body_sha256)
    WHERE s.subject = 'fund'
    GROUP BY s.about, s.first_at
),
carried AS (
    SELECT
        fund_code,
        known_from,
        last_value(name IGNORE NULLS) OVER so_far AS name,
        last_value(fund_type IGNORE NULLS) OVER so_far AS fund_type,
        last_value(start_date IGNORE NULLS) OVER so_far AS start_date,
        last_value(end_date IGNORE NULLS) OVER so_far AS end_date,
        capture_id
    FROM shown
    WINDOW so_far AS (PARTITION BY fund_code ORDER BY known_from ROWS UNBOUNDED PRECEDING)
),
told AS (
    SELECT *, (name, fund_type, start_date, end_date) AS said
    FROM carried
)
SELECT * EXCLUDE (said)
FROM told
QUALIFY said IS DISTINCT FROM lag(said) OVER (PARTITION BY fund_code ORDER BY known_from);

DELETE FROM core.funding_status WHERE fund_code IN (FROM touched);

INSERT INTO core.funding_status BY NAME
WITH shown AS (
    SELECT
        s.about AS fund_code,
        s.first_at AS known_from,
        max_by(b.statement_digest, body_sha256) AS digest,
        max(body_sha256) AS body_sha256,
        max_by(s.capture_id, (body_sha256, s.capture_id)) AS capture_id
    FROM segment AS s
    JOIN shown_body AS b USING (body_sha256)
    WHERE s.subject = 'fund' AND b.statement_digest IS NOT NULL
    GROUP BY s.about, s.first_at
),
changed AS (
    FROM shown
    QUALIFY digest IS DISTINCT FROM lag(digest) OVER (PARTITION BY fund_code ORDER BY known_from)
)
SELECT v.fund_code, v.known_from, v.capture_id, o.* EXCLUDE (body_sha256)
FROM changed AS v
JOIN observed.statement_line AS o USING (body_sha256);
