-- Every step of an order, with 1 in the column of the step and 0 in the others, to be added up.
--   purchased        1 where it was bought.
--   redeemed         1 where it was redeemed.
--   attended         1 at the attended session that was reported first.
--   completed        1 where it was completed.
--   reviewed         1 where it was reviewed.
--   refunded         1 where it was refunded.
--   flagged          1 where the order's first flags were raised.
--   cleared          1 where an officer cleared it.
--   paid             The price, at a purchase; else 0. In rupiah.
--   unfinished_paid  Adds up to the price of orders neither completed nor refunded. In rupiah.
CREATE VIEW order_steps AS
SELECT
    platform_id,
    institution_id,
    course_id,
    wave,
    occurred_at_us,
    recorded_at_us,
    bitAnd(steps, 1) != 0 AS purchased,
    bitAnd(steps, 2) != 0 AS redeemed,
    bitAnd(steps, 4) != 0 AS attended,
    bitAnd(steps, 8) != 0 AS completed,
    bitAnd(steps, 16) != 0 AS reviewed,
    bitAnd(steps, 32) != 0 AS refunded,
    bitAnd(steps, 64) != 0 AS flagged,
    bitAnd(steps, 128) != 0 AS cleared,
    if(purchased, order_price, toInt64(0)) AS paid,
    paid - if(completed OR refunded, order_price, toInt64(0)) AS unfinished_paid
FROM step_rows FINAL;
