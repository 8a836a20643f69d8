-- What was sold and refunded, and what the institution is owed: a row for each day, platform and institution. A refund
-- counts on its own day, and gives its commission back.
--   day                  The day in Asia/Jakarta.
--   platform_id          The platform that sold.
--   institution_id       The institution that gives the courses.
--   sales                How many orders were sold.
--   sold                 What was paid for them. In rupiah.
--   refunds              How many orders were refunded.
--   refunded             What was paid back for them. In rupiah.
--   commission           What the platform may keep of what was sold. In rupiah.
--   commission_returned  The commission of what was refunded. In rupiah.
--   net_to_institution   sold - commission - (refunded - commission_returned). In rupiah.
CREATE VIEW settlement AS
SELECT
    day,
    platform_id,
    institution_id,
    toInt64(countIf(bitAnd(steps, 1) != 0)) AS sales,
    ifNull(sumIf(order_price, bitAnd(steps, 1) != 0), 0) AS sold,
    toInt64(countIf(bitAnd(steps, 32) != 0)) AS refunds,
    ifNull(sumIf(order_price, bitAnd(steps, 32) != 0), 0) AS refunded,
    ifNull(sumIf(order_commission, bitAnd(steps, 1) != 0), 0) AS commission,
    ifNull(sumIf(order_commission, bitAnd(steps, 32) != 0), 0) AS commission_returned,
    sold - commission - (refunded - commission_returned) AS net_to_institution
FROM step_rows FINAL
PREWHERE bitAnd(steps, 33) != 0
GROUP BY day, platform_id, institution_id;
