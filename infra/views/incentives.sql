-- Each person who is owed an incentive, was paid, failed to be paid, or waits.
--   due            What the person is owed in all, paid or not. In rupiah.
--   paid           What was paid of it and not sent back. In rupiah.
--   outstanding    What is due and not paid. In rupiah.
--   failures       How many payouts failed.
--   failed_amount  What those payouts add up to. In rupiah.
CREATE VIEW incentives AS
SELECT
    beneficiary_id,
    wave,
    decree,
    status,
    {yes entitled != 0 AS entitled},
    {yes held != 0 AS held},
    due,
    paid,
    due - paid AS outstanding,
    failures,
    ifNull(failed_amount, 0) AS failed_amount
FROM
(
    SELECT
        beneficiary_id,
        wave,
        decree,
        status,
        entitled,
        held,
        incentive_due AS due,
        incentive_paid AS paid,
        payout_failures AS failures
    FROM wallet_rows FINAL
    WHERE incentive_due != 0 OR incentive_paid != 0 OR payout_failures != 0 OR entitled != 0 OR held != 0
) AS wallets_concerned
ANY LEFT JOIN
(
    SELECT beneficiary_id, sum(amount) AS failed_amount
    FROM journal_rows FINAL
    PREWHERE outcome = 'accepted' AND type = 'IncentivePayoutFailed'
    GROUP BY beneficiary_id
) AS failed
USING beneficiary_id;
