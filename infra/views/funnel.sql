-- How many orders came how far, by platform, institution, course and wave. An order counts at every step that it
-- reached, also where it was refunded later.
--   orders_purchased  How many were bought.
--   orders_redeemed   How many were redeemed.
--   orders_attended   How many have an attended session.
--   orders_completed  How many were completed.
--   orders_reviewed   How many were reviewed.
--   orders_refunded   How many were refunded.
--   orders_flagged    How many carry a flag.
--   orders_cleared    How many an officer cleared.
--   total_paid        What was paid for them. In rupiah.
--   total_unfinished  What was paid for those neither completed nor refunded. In rupiah.
CREATE VIEW funnel AS
SELECT
    platform_id,
    institution_id,
    course_id,
    wave,
    sum(purchased) AS orders_purchased,
    sum(redeemed) AS orders_redeemed,
    sum(attended) AS orders_attended,
    sum(completed) AS orders_completed,
    sum(reviewed) AS orders_reviewed,
    sum(refunded) AS orders_refunded,
    sum(flagged) AS orders_flagged,
    sum(cleared) AS orders_cleared,
    sum(paid) AS total_paid,
    sum(unfinished_paid) AS total_unfinished
FROM order_steps
GROUP BY platform_id, institution_id, course_id, wave;
