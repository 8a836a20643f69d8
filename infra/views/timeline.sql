-- Every event of each person with its outcome; by offset, this is the log's order.
--   amount          The price of a purchase, or the amount of what has one; what went back, where the balance was taken
--                   back. In rupiah.
--   balance_change  What the event did to the balance. In rupiah.
CREATE VIEW timeline AS
SELECT
    beneficiary_id,
    partition,
    offset,
    {moment occurred_at_us AS occurred_at},
    {moment recorded_at_us AS recorded_at},
    occurred_at_us,
    recorded_at_us,
    type,
    event_id,
    publisher_id,
    platform_id,
    order_id,
    {money} AS amount,
    outcome,
    reason,
    {balance_change} AS balance_change,
    balance_after,
    incentive_due_change,
    incentive_paid_change,
    clawback_ordered_change,
    clawback_repaid_change,
    status_after
FROM journal_rows FINAL
PREWHERE outcome != 'dead';
