-- Voucher numbers that are equal but for leading zeros are one number: a spreadsheet loses them.
CREATE OR REPLACE MACRO core.voucher_key(voucher_number) AS
    if(regexp_full_match(voucher_number, '[0-9]+'), ltrim(voucher_number, '0'), voucher_number);
