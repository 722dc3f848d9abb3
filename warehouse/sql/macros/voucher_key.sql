-- Voucher numbers that are equal but for leading zeros are one number: a spreadsheet loses them.
CREATE OR REPLACE MACRO core.voucher_key(voucher_number) AS
    CASE
        WHEN regexp_full_match(voucher_number, '[0-9]+') THEN ltrim(voucher_number, '0')
        ELSE voucher_number
    END;
