-- Return the terms of a text, as they are indexed and as they are searched: runs of letters and
-- digits of any script, without accents and case. A giant passage, or word, counts to a limit.
CREATE OR REPLACE MACRO vintage.terms(words) AS
    list_transform(
        regexp_extract_all(
            replace(lower(strip_accents(left(words, 20_000))), 'ς', 'σ'), '[\p{L}\p{N}]+'
        ),
        lambda term: left(term, 40)
    );

-- Return whether the last word of a query is the beginning of a word: `sanit*`.
CREATE OR REPLACE MACRO vintage.ends_with_star(words) AS
    regexp_matches(strip_accents(words), '[\p{L}\p{N}]\*\s*$');
