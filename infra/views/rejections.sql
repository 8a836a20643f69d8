-- Every rejected event, with the publisher who sent it and the reason.
--   amount  The price or the amount that it names. In rupiah.
CREATE VIEW rejections AS
SELECT
    partition,
    offset,
    {moment recorded_at_us AS recorded_at},
    {moment occurred_at_us AS occurred_at},
    publisher_id,
    type,
    event_id,
    beneficiary_id,
    platform_id,
    order_id,
    reason,
    {money} AS amount
FROM journal_rows FINAL
PREWHERE outcome = 'rejected';
