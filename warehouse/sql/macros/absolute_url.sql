-- Return an absolute path without `.` and `..`. One of more than 100 parts stays as it is: the time grows
-- with their square, and browsers resolve them too.
CREATE OR REPLACE MACRO core.without_dots(path) AS
    CASE
        WHEN NOT regexp_matches(path, '/\.\.?(/|$)') OR len(string_split(path, '/')) > 100 THEN path
        ELSE '/' || array_to_string(
            list_reduce(
                list_transform(
                    string_split(regexp_replace(path, '(/\.\.?)$', '\1/'), '/')[2:],
                    lambda part: [part]
                ),
                lambda kept, part: CASE part[1]
                    WHEN '..' THEN kept[:-2]
                    WHEN '.' THEN kept
                    ELSE kept || part
                END,
                []::VARCHAR[]
            ),
            '/'
        )
    END;

-- Return a link resolved against the URL of its page, as browsers do (RFC 3986). A link that a
-- replay of the Wayback Machine has rewritten leads there.
CREATE OR REPLACE MACRO core.resolved_url(printed, base) AS
    CASE
        WHEN regexp_matches(printed, '^[A-Za-z][A-Za-z0-9+.-]*:') THEN printed
        WHEN regexp_matches(printed, '^/web/[0-9]{14}[a-z_]*/https?:')
            THEN 'https://web.archive.org' || printed
        WHEN starts_with(printed, '//') THEN regexp_extract(base, '^https?:') || printed
        WHEN starts_with(printed, '#') THEN regexp_extract(base, '^[^#]*') || printed
        WHEN starts_with(printed, '?') THEN regexp_extract(base, '^[^?#]*') || printed
        ELSE regexp_extract(base, '^https?://[^/?#]+')
            || core.without_dots(
                CASE
                    WHEN starts_with(printed, '/') THEN ''
                    ELSE coalesce(
                        nullif(regexp_extract(base, '^https?://[^/?#]+(/([^?#]*/)?)', 1), ''), '/'
                    )
                END || regexp_extract(printed, '^[^?#]*')
            )
            || regexp_extract(printed, '[?#].*$')
    END;

-- Return the URL that a printed link opens, or NULL: only http and https lead to a document.
CREATE OR REPLACE MACRO core.absolute_url(printed, base) AS
    nullif(
        regexp_extract(
            replace(core.resolved_url(trim(printed), base), ' ', '%20'),
            '^(?i:https?)://[^/?#\s[:cntrl:]]+[^\s[:cntrl:]\p{C}]*$'
        ),
        ''
    );
