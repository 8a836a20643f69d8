-- What was accepted of an order: a row for each step of it, by platform and day.
--   day             The day in Asia/Jakarta on which it happened.
--   institution_id  The order's institution.
--   course_id       The order's course.
--   wave            The wave of the person's wallet.
--   steps           What happened, as bits: 1 purchased, 2 redeemed, 4 attended, 8 completed, 16 reviewed, 32 refunded,
--                   64 flagged, 128 cleared.

-- Neither a settlement nor the funnel reads the whole journal, but this. The key is still the event's place in the log:
-- writing it again is writing it once. Each step is accepted once an order, but for sessions: the first attended one is
-- the step, of which the order then has one bit. An order is flagged where its first flags were raised, at its purchase
-- or its completion. Every row carries what was paid for the order and its commission. Asia/Jakarta is UTC+7 all year:
-- 25,200 seconds.
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
