-- The state of each wallet, by its last accepted event.

-- With each batch of the journal the worker writes the last row of each wallet and order here; `version` is that
-- event's offset, so that what is written again or late replaces nothing newer. Materialized views of the journal would
-- do the same at three times the cost: they would sort every block by its keys once more. Who asks for one person reads a
-- granule of each part, and there are many parts while a worker folds: so granules are an eighth of what is usual.
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
ORDER BY beneficiary_id
SETTINGS index_granularity = 1024;

-- The state of each order, by its last accepted event.
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
ORDER BY (beneficiary_id, platform_id, order_id)
SETTINGS index_granularity = 1024;
