-- Listings of platforms, as the catalogue's topic has them: a row for each record.

-- A row is known by its id and from when it holds. `version` is the record's offset on the topic, so the last one said
-- wins, however often it is written; `deleted` is 1 where that one takes the record back.
CREATE TABLE platform_rows
(
    platform_id         String,
    valid_from_us       Int64,
    valid_to_us         Int64,
    name                String,
    operator            LowCardinality(String),
    mou_signed_on_days  Nullable(Int64),
    pks_signed_on_days  Nullable(Int64),
    criteria            String,
    status              LowCardinality(String),
    version             Int64,
    deleted             UInt8
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (platform_id, valid_from_us);

-- Listings of institutions, as the catalogue's topic has them: a row for each record.
CREATE TABLE institution_rows
(
    institution_id     String,
    valid_from_us      Int64,
    valid_to_us        Int64,
    name               String,
    owner_platform_id  String,
    version            Int64,
    deleted            UInt8
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (institution_id, valid_from_us);

-- Listings of courses, as the catalogue's topic has them: a row for each record.
CREATE TABLE course_rows
(
    course_id       String,
    valid_from_us   Int64,
    valid_to_us     Int64,
    institution_id  String,
    title           String,
    category        LowCardinality(String),
    price           Int64,
    minutes         Int64,
    outside_price   Nullable(Int64),
    free_elsewhere  UInt8,
    version         Int64,
    deleted         UInt8
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (course_id, valid_from_us);
