-- mart.narrative_current: Every passage of the newest narrative of each programme and fund
-- A page without narrative, or one that was cut short, ends nothing: the narrative known before stays.
-- programme_id: The programme; NULL where the page is a fund's
-- title: Title of the programme; NULL for a fund
-- fund_code: Code of the fund, or of the programme's fund
-- fund_name: Name of the fund
-- last_seen [UTC]: Last capture that still showed this narrative
-- source_url: URL of the capture that first showed it
-- captured_at [UTC]: When that was
CREATE OR REPLACE VIEW mart.narrative_current AS
SELECT n.programme_id, p.title, p.fund_code, p.fund_name, n.section, n.outcome_no, n.seq, n.text,
    l.known_from, l.last_seen, l.capture_id, l.source_url, l.captured_at
FROM core.narrative AS n
JOIN vintage.newest_list('narrative') AS l
    ON l.about = n.programme_id AND l.known_from = n.known_from
LEFT JOIN mart.programme_current AS p ON p.programme_id = n.programme_id
UNION ALL
SELECT NULL, NULL, n.fund_code, f.fund_name, n.section, n.outcome_no, n.seq, n.text,
    l.known_from, l.last_seen, l.capture_id, l.source_url, l.captured_at
FROM core.fund_narrative AS n
JOIN vintage.newest_list('narrative') AS l
    ON l.about = n.fund_code AND l.known_from = n.known_from
LEFT JOIN core.fund_names() AS f ON f.fund_code = n.fund_code;
