-- mart.narrative_current: every passage of the newest narrative of each programme and fund
-- A page without narrative, or one that was cut short, ends nothing: the narrative known before stays.
-- programme_id: the programme; NULL where the page is a fund's
-- title: title of the programme; NULL for a fund
-- fund_code: code of the fund, or of the programme's fund
-- fund_name: name of the fund
-- last_seen [UTC]: last capture that still showed this narrative
-- source_url: address of the capture that first showed it
-- captured_at [UTC]: when that was
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
