-- What the fund's page says, as it was last shown.
SELECT fund_code, section, outcome_no, seq, text
FROM mart.narrative_current
WHERE fund_code BETWEEN $first AND $last AND programme_id IS NULL
ORDER BY
    fund_code,
    list_position(['overview', 'outcome', 'achievement', 'other', 'lesson'], section),
    outcome_no,
    seq;
