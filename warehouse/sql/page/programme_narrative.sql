-- What the page says of the programme, as it was last shown.
SELECT programme_id, section, outcome_no, seq, text
FROM core.narrative
WHERE programme_id BETWEEN $first AND $last
QUALIFY known_from = max(known_from) OVER (PARTITION BY programme_id)
ORDER BY
    programme_id,
    list_position(['overview', 'outcome', 'achievement', 'other', 'lesson'], section),
    outcome_no,
    seq;
