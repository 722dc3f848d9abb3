SELECT * EXCLUDE (captured_at) FROM mart.contributor_fund ORDER BY contributor, fund_code
