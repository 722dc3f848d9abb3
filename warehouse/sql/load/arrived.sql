-- Describe the new captures of a batch, with what their bodies are. Where a view does not name its
-- programme, its URL does. A page whose URL contradicts its content is quarantined, whichever of the
-- two is right. $first and $last are the batch's earliest and latest capture time: raw.capture is
-- searched for its captures between these only. A forgotten capture does not arrive.
-- reads: new_capture, raw.capture, raw.forget_order, observed.body, observed.programme
-- writes: arrived
CREATE OR REPLACE TEMP TABLE arrived AS
WITH told AS (
    SELECT
        n.*,
        b.page_kind,
        raw.subject_of(b.page_kind, b.subject, b.fund_code, n.address_subject) AS subject,
        b.programme_id AS told_programme_id,
        b.fund_code AS told_fund_code,
        coalesce(b.fund_code, p.fund_code, n.address_fund_code) AS fund_code,
        b.representation,
        b.refused_rule,
        b.content_digest,
        b.cut_short IS NOT NULL AS is_cut
    FROM new_capture AS n
    LEFT JOIN observed.body AS b USING (parse_key)  -- without one, NOT NULL refuses the batch
    LEFT JOIN observed.programme AS p USING (parse_key)
    ANTI JOIN (FROM raw.capture WHERE captured_at BETWEEN $first AND $last) AS c
        ON c.capture_id = n.capture_id
    ANTI JOIN (FROM raw.forget_order WHERE action <> 'restore') AS o
        ON o.capture_id = n.capture_id
),
judged AS (
    SELECT
        *,
        if(subject = 'programme', coalesce(told_programme_id, address_programme_id), NULL)
            AS programme_id,
        raw.page_rule(
            refused_rule, subject, told_programme_id, told_fund_code,
            address_subject, address_programme_id, address_fund_code
        ) AS rule
    FROM told
)
SELECT
    * EXCLUDE (
        address_subject, address_programme_id, address_fund_code, told_programme_id,
        told_fund_code, refused_rule
    ),
    if(rule IS NULL, 'loaded', 'quarantined') AS state
FROM judged;
