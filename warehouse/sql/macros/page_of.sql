-- Return what the URLs of one page have in common: not its scheme, port, case, final slash or `#...`,
-- nor the dot behind its host.
CREATE OR REPLACE MACRO vintage.page_of(url) AS
    regexp_replace(
        regexp_replace(lower(url), '^https?://([^/?#:]*?)\.?(:80|:443)?([:/?#]|$)', '\1\3'),
        '/?(#.*)?$',
        ''
    );
