-- Wallets and orders: the last accepted event of each says what it is. Views of the journal, kept as it grows;
-- `version` is the offset of that event. Of an inserted block only the last row of each key is kept, which halves
-- what these views cost; ReplacingMergeTree does the rest.
CREATE TABLE wallet_rows
(
    beneficiary_id         String,
    partition              Int32,
    version                Int64,
    rules                  LowCardinality(String),
    wave                   Int64,
    decree                 LowCardinality(String),
    status                 LowCardinality(String),
    credits                Int32,
    credited               Int64,
    spent                  Int64,
    refunded               Int64,
    returned               Int64,
    balance                Int64,
    first_purchase_due_us  Int64,
    spend_by_us            Int64,
    purchases              Int32,
    open_orders            Int32,
    entitled               UInt8,
    held                   UInt8,
    incentive_due          Int64,
    incentive_paid         Int64,
    payout_failures        Int32,
    surveys                Int64,
    clawback_ordered       Int64,
    clawback_repaid        Int64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY beneficiary_id;

CREATE MATERIALIZED VIEW wallet_feed TO wallet_rows AS
SELECT
    beneficiary_id,
    partition,
    offset AS version,
    rules_after AS rules,
    wave_after AS wave,
    decree_after AS decree,
    status_after AS status,
    credits_after AS credits,
    credited_after AS credited,
    spent_after AS spent,
    refunded_after AS refunded,
    returned_after AS returned,
    balance_after AS balance,
    first_purchase_due_after_us AS first_purchase_due_us,
    spend_by_after_us AS spend_by_us,
    purchases_after AS purchases,
    open_orders_after AS open_orders,
    entitled_after AS entitled,
    held_after AS held,
    incentive_due_after AS incentive_due,
    incentive_paid_after AS incentive_paid,
    payout_failures_after AS payout_failures,
    surveys_after AS surveys,
    clawback_ordered_after AS clawback_ordered,
    clawback_repaid_after AS clawback_repaid
FROM journal_rows
WHERE outcome = 'accepted'
ORDER BY offset DESC
LIMIT 1 BY beneficiary_id;

CREATE TABLE order_rows
(
    beneficiary_id   String,
    platform_id      LowCardinality(String),
    order_id         String,
    partition        Int32,
    version          Int64,
    course_id        LowCardinality(String),
    institution_id   LowCardinality(String),
    price            Int64,
    commission       Int64,
    purchased_at_us  Int64,
    redeemed_at_us   Int64,
    sessions         Int64,
    attended         Int64,
    completed_at_us  Int64,
    certificate_id   String,
    score            Nullable(Int64),
    reviewed_at_us   Int64,
    rating           UInt8,
    refunded         UInt8,
    flag_bits        UInt8,
    cleared          UInt8
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (beneficiary_id, platform_id, order_id);

CREATE MATERIALIZED VIEW order_feed TO order_rows AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
    partition,
    offset AS version,
    order_course_id AS course_id,
    order_institution_id AS institution_id,
    order_price AS price,
    order_commission AS commission,
    order_purchased_at_us AS purchased_at_us,
    order_redeemed_at_us AS redeemed_at_us,
    order_sessions AS sessions,
    order_attended AS attended,
    order_completed_at_us AS completed_at_us,
    order_certificate_id AS certificate_id,
    order_score AS score,
    order_reviewed_at_us AS reviewed_at_us,
    order_rating AS rating,
    order_refunded AS refunded,
    order_flag_bits AS flag_bits,
    order_cleared AS cleared
FROM journal_rows
WHERE outcome = 'accepted' AND order_id != ''
ORDER BY offset DESC
LIMIT 1 BY beneficiary_id, platform_id, order_id;
