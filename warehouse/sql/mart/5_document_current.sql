-- mart.document_current: Every document of the newest list of each programme and fund
-- A page without documents, or one that was cut short, ends nothing: the list known before stays.
-- programme_id: The programme; NULL where the list is a fund's
-- title: Title of the programme; NULL for a fund
-- fund_code: Code of the fund, or of the programme's fund
-- fund_name: Name of the fund
-- document_title: Title of the document as printed
-- url: URL that opens the document; NULL where the page has no http or https link
-- url_printed: Link as printed; NULL where there is none
-- last_seen [UTC]: Last capture that still showed this list
-- source_url: URL of the capture that first showed it
-- captured_at [UTC]: When that was
CREATE OR REPLACE VIEW mart.document_current AS
SELECT d.programme_id, p.title, p.fund_code, p.fund_name, d.title AS document_title,
    d.document_date, core.absolute_url(d.url, l.source_url) AS url,
    nullif(d.url, 'title:' || d.title) AS url_printed,
    l.known_from, l.last_seen, l.capture_id, l.source_url, l.captured_at
FROM core.document AS d
JOIN vintage.newest_list('document') AS l
    ON l.about = d.programme_id AND l.known_from = d.known_from
LEFT JOIN mart.programme_current AS p ON p.programme_id = d.programme_id
UNION ALL
SELECT NULL, NULL, d.fund_code, f.fund_name, d.title,
    d.document_date, core.absolute_url(d.url, l.source_url),
    nullif(d.url, 'title:' || d.title),
    l.known_from, l.last_seen, l.capture_id, l.source_url, l.captured_at
FROM core.fund_document AS d
JOIN vintage.newest_list('document') AS l
    ON l.about = d.fund_code AND l.known_from = d.known_from
LEFT JOIN core.fund_names() AS f ON f.fund_code = d.fund_code;
