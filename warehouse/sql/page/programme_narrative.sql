-- What the page says of the programme, as it was last shown.
SELECT programme_id, section, outcome_no, seq, text
FROM mart.narrative_current
WHERE programme_id BETWEEN $first AND $last
ORDER BY
    programme_id,
    list_position(['overview', 'outcome', 'achievement', 'other', 'lesson'], section),
    outcome_no,
    seq;
