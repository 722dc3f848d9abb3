-- Derive the vintages of funds: their lists; their identity field by field, each carried forward from
-- the newest earlier segment that shows it; and the statement of each month as a whole list, about
-- which a page without one says nothing. A statement whose month is not understood is left out; so is
-- one of a page that was cut short, which may lack its end, unless none is known before. Of two pages
-- of one second that contradict each other, the greater SHA-256 counts.
-- reads: segment, shown_body, shown_fund, list_vintage, observed.statement_line, observed.narrative, observed.document
-- writes: core.fund, core.funding_status, core.fund_narrative, core.fund_document

INSERT INTO core.fund BY NAME
WITH shown AS (
    SELECT
        s.about AS fund_code,
        s.first_at AS known_from,
        max_by(s.capture_id, (s.parse_key, s.capture_id)) AS capture_id,
        max_by(COLUMNS(o.* EXCLUDE (parse_key)), s.parse_key)
    FROM segment AS s
    JOIN shown_fund AS o ON o.parse_key = s.parse_key
    WHERE s.subject = 'fund'
    GROUP BY s.about, s.first_at
),
carried AS (
    SELECT
        fund_code,
        known_from,
        capture_id,
        last_value(COLUMNS(* EXCLUDE (fund_code, known_from, capture_id)) IGNORE NULLS) OVER so_far
    FROM shown
    WINDOW so_far AS (PARTITION BY fund_code ORDER BY known_from ROWS UNBOUNDED PRECEDING)
),
observed AS (
    SELECT *, row(*COLUMNS(* EXCLUDE (fund_code, known_from, capture_id))) AS fields
    FROM carried
)
SELECT * EXCLUDE (fields)
FROM observed
QUALIFY fields IS DISTINCT FROM lag(fields) OVER (PARTITION BY fund_code ORDER BY known_from);

INSERT INTO core.funding_status BY NAME
WITH shown AS (
    SELECT
        s.about AS fund_code,
        coalesce(s.statement_month, '(current)') AS statement_month,
        s.first_at AS known_from,
        max_by(b.statement_digest, (NOT b.is_cut, parse_key)) AS digest,
        max_by(parse_key, (NOT b.is_cut, parse_key)) AS parse_key,
        max_by(s.capture_id, (NOT b.is_cut, parse_key, s.capture_id)) AS capture_id,
        bool_and(b.is_cut) AS is_cut
    FROM segment AS s
    JOIN shown_body AS b USING (parse_key)
    WHERE s.subject = 'fund'
        AND b.statement_digest IS NOT NULL
        AND s.statement_month IS DISTINCT FROM '(unknown)'
    GROUP BY ALL
),
counted AS (
    FROM shown
    QUALIFY NOT is_cut
        OR rank() OVER (PARTITION BY fund_code ORDER BY known_from, statement_month) = 1
),
changed AS (
    FROM counted
    QUALIFY digest IS DISTINCT FROM lag(digest) OVER (
        PARTITION BY fund_code, statement_month ORDER BY known_from
    )
)
SELECT
    v.* EXCLUDE (digest, parse_key, is_cut),
    least(
        v.known_from,
        last_day(strptime(nullif(v.statement_month, '(current)'), '%Y-%m')::DATE)
            + INTERVAL '1 day' - INTERVAL '1 second'
    ) AS as_of,
    o.* EXCLUDE (parse_key)
FROM changed AS v
JOIN observed.statement_line AS o USING (parse_key);

INSERT INTO core.fund_narrative BY NAME
SELECT o.* EXCLUDE (parse_key), v.about AS fund_code, v.known_from, v.capture_id
FROM list_vintage AS v
JOIN observed.narrative AS o USING (parse_key)
WHERE v.subject = 'fund' AND v.kind = 'narrative';

INSERT INTO core.fund_document BY NAME
SELECT o.* EXCLUDE (parse_key), v.about AS fund_code, v.known_from, v.capture_id
FROM list_vintage AS v
JOIN observed.document AS o USING (parse_key)
WHERE v.subject = 'fund' AND v.kind = 'document';
