-- Steps: what was accepted of an order, a row for each step of it, by platform and day, so that neither a settlement nor
-- the funnel reads the whole journal. The key is still the event's place in the log: writing it again is writing it
-- once. `steps` has a bit for what happened: 1 purchased, 2 redeemed, 4 attended, 8 completed, 16 reviewed, 32 refunded,
-- 64 flagged, 128 cleared. Each step is accepted once an order, but for sessions: the first attended one is the step, of
-- which the order then has one bit. An order is flagged where its first flags were raised, at its purchase or its
-- completion. Every row carries what was paid for the order and its commission. Days are those of Asia/Jakarta, which is
-- UTC+7 all year: 25,200 seconds ahead.
CREATE TABLE step_rows
(
    platform_id       LowCardinality(String),
    day               Date,
    partition         Int32,
    offset            Int64,
    occurred_at_us    Int64,
    recorded_at_us    Int64,
    institution_id    LowCardinality(String),
    course_id         LowCardinality(String),
    wave              Int64,
    steps             UInt8,
    order_price       Int64,
    order_commission  Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (platform_id, day, partition, offset);

CREATE MATERIALIZED VIEW step_feed TO step_rows AS
SELECT
    platform_id,
    toDate(toUInt16(intDiv(occurred_at_us + 25200000000, 86400000000))) AS day,
    partition,
    offset,
    occurred_at_us,
    recorded_at_us,
    order_institution_id AS institution_id,
    order_course_id AS course_id,
    wave_after AS wave,
    toUInt8(
        (type = 'CoursePurchased')
            + 2 * (type = 'CourseRedeemed')
            + 4 * (type = 'AttendanceRecorded')
            + 8 * (type = 'CourseCompleted')
            + 16 * (type = 'CourseReviewed')
            + 32 * (type = 'PurchaseRefunded')
            + 64 * (flag_bits != 0 AND order_flag_bits = flag_bits)
            + 128 * (type = 'OrderCleared')
    ) AS steps,
    order_price,
    order_commission
FROM journal_rows
WHERE outcome = 'accepted'
    AND platform_id != ''
    AND (type != 'AttendanceRecorded' OR (present = 1 AND bitAnd(order_attended, order_attended - 1) = 0));

-- Earlier releases fed purchases and refunds alone, to a table of their own, and counted the funnel in the whole journal.
DROP TABLE IF EXISTS movement_feed;

DROP TABLE IF EXISTS movement_rows;

DROP TABLE IF EXISTS settlement;

DROP TABLE IF EXISTS funnel;

DROP TABLE IF EXISTS order_steps;

-- A refund counts on its own day, and gives its commission back.
CREATE VIEW settlement AS
SELECT
    day,
    platform_id,
    institution_id,
    toInt64(countIf(bitAnd(steps, 1) != 0)) AS sales,
    sumIf(order_price, bitAnd(steps, 1) != 0) AS sold,
    toInt64(countIf(bitAnd(steps, 32) != 0)) AS refunds,
    sumIf(order_price, bitAnd(steps, 32) != 0) AS refunded,
    sumIf(order_commission, bitAnd(steps, 1) != 0) AS commission,
    sumIf(order_commission, bitAnd(steps, 32) != 0) AS commission_returned,
    sold - commission - (refunded - commission_returned) AS net_to_institution
FROM step_rows FINAL
PREWHERE bitAnd(steps, 33) != 0
GROUP BY day, platform_id, institution_id;

-- order_steps: a row for each step of an order, with 1 in the column of the step: what the funnel counts. `attended` is
-- 1 at the attended session that was reported first, `flagged` where an order's first flags were raised. `paid` is the
-- price at a purchase; `unfinished_paid` adds up to the price of orders neither completed nor refunded.
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

-- funnel: how many orders came how far, by platform, institution, course and wave. An order counts at every step that
-- it reached, also where it was refunded later.
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
