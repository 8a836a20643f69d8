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

-- What the journal held before.
INSERT INTO step_rows
(
    platform_id, day, partition, offset, occurred_at_us, recorded_at_us, institution_id, course_id, wave, steps,
    order_price, order_commission
)
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

-- Statements: a party's settlement for some days, closed when it is issued. `upto` says what was known by then: the
-- next offset of each partition of the log, from partition 0, with commas between; the sums are those of all its lines.
-- Of two that were issued as the same number at the same moment the first one counts.
CREATE TABLE statement_rows
(
    statement_id         String,
    party                LowCardinality(String),
    party_id             String,
    number               Int64,
    from_day             Int64,
    to_day               Int64,
    issued_at_us         Int64,
    upto                 String,
    lines                Int64,
    sales                Int64,
    sold                 Int64,
    refunds              Int64,
    refunded             Int64,
    commission           Int64,
    commission_returned  Int64,
    net_to_institution   Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (party, party_id, number, issued_at_us, statement_id);

-- `kind` is 'period', or 'adjustment' for what became known of a closed period after it was issued.
CREATE TABLE statement_line_rows
(
    statement_id         String,
    kind                 LowCardinality(String),
    day                  Int64,
    platform_id          String,
    institution_id       String,
    sales                Int64,
    sold                 Int64,
    refunds              Int64,
    refunded             Int64,
    commission           Int64,
    commission_returned  Int64,
    net_to_institution   Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (statement_id, kind, day, platform_id, institution_id);

CREATE VIEW statements AS
SELECT
    statement_id,
    party,
    party_id,
    number,
    toDate(toUInt16(from_day)) AS from_day,
    toDate(toUInt16(to_day)) AS to_day,
    toDateTime(intDiv(issued_at_us, 1000000), 'UTC') AS issued_at,
    issued_at_us,
    upto,
    lines,
    sales,
    sold,
    refunds,
    refunded,
    commission,
    commission_returned,
    net_to_institution
FROM statement_rows FINAL
ORDER BY party, party_id, number, issued_at_us, statement_id
LIMIT 1 BY party, party_id, number;

CREATE VIEW statement_lines AS
SELECT
    statement_id,
    kind,
    toDate(toUInt16(day)) AS day,
    platform_id,
    institution_id,
    sales,
    sold,
    refunds,
    refunded,
    commission,
    commission_returned,
    net_to_institution
FROM statement_line_rows FINAL
WHERE statement_id IN (SELECT statement_id FROM statements);

-- Reconciliations: runs that held somebody's statement against the journal. `theirs` is the file, `ours` the journal;
-- a refund counts with its amount below zero. The table's last row to be written is the run's own, so a run that was
-- cut short is none.
CREATE TABLE reconciliation_rows
(
    run_id                 String,
    at_us                  Int64,
    platform_id            String,
    from_day               Int64,
    to_day                 Int64,
    file                   String,
    file_sha256            String,
    upto                   String,
    their_lines            Int64,
    their_amount           Int64,
    our_lines              Int64,
    our_amount             Int64,
    outside_lines          Int64,
    outside_amount         Int64,
    matched                Int64,
    amount_differs         Int64,
    only_theirs            Int64,
    only_ours              Int64,
    twice_in_theirs        Int64
)
ENGINE = ReplacingMergeTree
ORDER BY run_id;

-- `line` is the file's, 0 where only the journal has it; `partition` and `offset` are the event's place in the log,
-- -1 where only the file has it.
CREATE TABLE reconciliation_line_rows
(
    run_id          String,
    status          LowCardinality(String),
    line            Int64,
    order_id        String,
    beneficiary_id  String,
    their_amount    Int64,
    our_amount      Int64,
    partition       Int64,
    offset          Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (run_id, line, partition, offset);

CREATE VIEW reconciliations AS
SELECT
    run_id,
    toDateTime(intDiv(at_us, 1000000), 'UTC') AS at,
    platform_id,
    toDate(toUInt16(from_day)) AS from_day,
    toDate(toUInt16(to_day)) AS to_day,
    file,
    file_sha256,
    upto,
    their_lines,
    their_amount,
    our_lines,
    our_amount,
    outside_lines,
    outside_amount,
    matched,
    amount_differs,
    only_theirs,
    only_ours,
    twice_in_theirs
FROM reconciliation_rows FINAL;

CREATE VIEW reconciliation_lines AS
SELECT
    run_id,
    status,
    nullIf(line, 0) AS line,
    order_id,
    nullIf(beneficiary_id, '') AS beneficiary_id,
    if(status = 'only_ours', NULL, their_amount) AS their_amount,
    if(status = 'only_theirs' OR status = 'twice_in_theirs', NULL, our_amount) AS our_amount,
    nullIf(partition, -1) AS partition,
    nullIf(offset, -1) AS offset
FROM reconciliation_line_rows FINAL
WHERE run_id IN (SELECT run_id FROM reconciliation_rows);
