-- Record when the open pages that show a figure, a voucher or a list were seen last.
-- reads: changed_subject, changed_figure, vintage.voucher, vintage.list, vintage.open_page
-- writes: vintage.last_shown

INSERT INTO vintage.last_shown BY NAME
WITH shown AS (
    SELECT programme_id AS about, pages
    FROM changed_figure
    WHERE pages > 0
    UNION
    SELECT programme_id AS about, pages
    FROM vintage.voucher
    WHERE pages > 0 AND programme_id IN (FROM changed_subject)
    UNION
    SELECT about, pages
    FROM vintage.list
    WHERE pages > 0 AND about IN (FROM changed_subject)
)
SELECT s.about, s.pages, max(o.last_at) AS last_at
FROM shown AS s
JOIN vintage.open_page AS o ON o.about = s.about AND o.page & s.pages > 0
GROUP BY s.about, s.pages;
