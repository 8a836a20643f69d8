-- The wallet of each person: rules, status, money, deadlines.
CREATE VIEW wallets AS
SELECT
    {keys wallet_rows},
    {columns wallet_rows}
FROM wallet_rows FINAL;
