SELECT programme_id, fund_code, section, outcome_no, text FROM mart.narrative_current
ORDER BY programme_id NULLS FIRST, fund_code, section, outcome_no, seq
