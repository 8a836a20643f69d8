-- Each clawback: what was asked back, what of it was repaid, what is outstanding.
--   clawback_id     The clawback.
--   wave            The wave of the person's wallet.
--   decree          The decree of the person's wallet.
--   ordered_at      When it was ordered. In UTC.
--   ordered         What was asked back. In rupiah.
--   repaid          What of it was repaid. In rupiah.
--   outstanding     ordered - repaid. In rupiah.
--   repayments      How many repayments there were.
--   last_repaid_at  When the last one was made; NULL where there is none. In UTC.
CREATE VIEW clawbacks AS
SELECT
    beneficiary_id,
    clawback_id,
    any(wave_after) AS wave,
    CAST(any(decree_after) AS String) AS decree,
    {moment maxIf(occurred_at_us, type = 'ClawbackOrdered') AS ordered_at},
    sum(clawback_ordered_change) AS ordered,
    sum(clawback_repaid_change) AS repaid,
    ordered - repaid AS outstanding,
    countIf(type = 'ClawbackRepaid') AS repayments,
    {maybe_moment maxIf(occurred_at_us, type = 'ClawbackRepaid') AS last_repaid_at}
FROM journal_rows FINAL
PREWHERE outcome = 'accepted' AND (type = 'ClawbackOrdered' OR type = 'ClawbackRepaid')
GROUP BY beneficiary_id, clawback_id;
