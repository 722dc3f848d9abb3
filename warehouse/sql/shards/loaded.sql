-- Return a text that differs where anything that is loaded differs, whatever its order.
SELECT concat_ws(
    ' ',
    (SELECT schema_version FROM meta.warehouse),
    (
        SELECT concat_ws(' ', count(*), bit_xor(md5_number_lower(to_json(c)::VARCHAR)))
        FROM raw.capture AS c
    ),
    (
        SELECT concat_ws(' ', count(*), bit_xor(md5_number_lower(to_json(b)::VARCHAR)))
        FROM observed.body AS b
    )
)
