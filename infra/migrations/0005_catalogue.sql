-- The catalogue as its topic tells it: a row for each record, by id and from when it holds. `version` is the record's
-- offset on the topic, so the last one said wins, however often it is written; `deleted` is 1 where that one takes the
-- record back. A time that is 0 and a text that is empty are absent.
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

-- A day before 1970 or after 2099 is no Date of every ClickHouse and shows as Null.
CREATE VIEW platforms AS
SELECT
    platform_id,
    toDateTime(intDiv(valid_from_us, 1000000), 'UTC') AS valid_from,
    if(valid_to_us = 0, NULL, toDateTime(intDiv(valid_to_us, 1000000), 'UTC')) AS valid_to,
    name,
    operator,
    if(ifNull(mou_signed_on_days, -1) BETWEEN 0 AND 47481, toDate(mou_signed_on_days), NULL) AS mou_signed_on,
    if(ifNull(pks_signed_on_days, -1) BETWEEN 0 AND 47481, toDate(pks_signed_on_days), NULL) AS pks_signed_on,
    criteria,
    status
FROM platform_rows FINAL
WHERE deleted = 0;

CREATE VIEW institutions AS
SELECT
    institution_id,
    toDateTime(intDiv(valid_from_us, 1000000), 'UTC') AS valid_from,
    if(valid_to_us = 0, NULL, toDateTime(intDiv(valid_to_us, 1000000), 'UTC')) AS valid_to,
    name,
    nullIf(owner_platform_id, '') AS owner_platform_id
FROM institution_rows FINAL
WHERE deleted = 0;

CREATE VIEW courses AS
SELECT
    course_id,
    toDateTime(intDiv(valid_from_us, 1000000), 'UTC') AS valid_from,
    if(valid_to_us = 0, NULL, toDateTime(intDiv(valid_to_us, 1000000), 'UTC')) AS valid_to,
    institution_id,
    title,
    category,
    price,
    minutes,
    outside_price,
    free_elsewhere
FROM course_rows FINAL
WHERE deleted = 0;

-- Each sale as the catalogue judges it: by the newest listing in force at the moment of the sale. What is listed under
-- an id stands in an array of tuples, the newest first; each begins with from when and until when it holds. Where none
-- was in force, the one looked for is a tuple of zeros and empty texts.
-- The oldest servers forget a column that only a lambda names, so the time of the sale comes as an array beside it.
CREATE VIEW sale_judgements AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
    course_id,
    institution_id,
    price,
    toDateTime(intDiv(purchased_at_us, 1000000), 'UTC') AS purchased_at,
    if(course.1 = 0, NULL, course.3) AS listed_price,
    if(course.4 = 0, NULL, course.5) AS outside_price,
    arrayFilter(
        judgement -> judgement != '',
        [
            if(platform.3 != 'active', 'platform_not_active', ''),
            if(course.1 = 0, 'course_not_listed', ''),
            if(course.1 != 0 AND price > course.3, 'price_above_listed', ''),
            if(course.4 != 0 AND price > course.5, 'price_above_outside', ''),
            if(course.6 != 0, 'free_elsewhere', ''),
            if(institution.3 = platform_id, 'same_owner', '')
        ]
    ) AS judgements
FROM
(
    SELECT
        beneficiary_id,
        platform_id,
        order_id,
        course_id,
        institution_id,
        price,
        purchased_at_us,
        arrayFirst(
            (one, sold) -> one.1 <= sold AND (one.2 = 0 OR one.2 > sold),
            platform_listings,
            arrayResize([purchased_at_us], length(platform_listings), purchased_at_us)
        ) AS platform,
        arrayFirst(
            (one, sold) -> one.1 <= sold AND (one.2 = 0 OR one.2 > sold),
            institution_listings,
            arrayResize([purchased_at_us], length(institution_listings), purchased_at_us)
        ) AS institution,
        arrayFirst(
            (one, sold) -> one.1 <= sold AND (one.2 = 0 OR one.2 > sold),
            course_listings,
            arrayResize([purchased_at_us], length(course_listings), purchased_at_us)
        ) AS course
    FROM
    (
        SELECT *
        FROM
        (
            SELECT *
            FROM
            (
                SELECT
                    beneficiary_id,
                    CAST(platform_id AS String) AS platform_id,
                    order_id,
                    CAST(course_id AS String) AS course_id,
                    CAST(institution_id AS String) AS institution_id,
                    price,
                    purchased_at_us
                FROM order_rows FINAL
            ) AS sales
            ANY LEFT JOIN
            (
                SELECT
                    platform_id,
                    arrayReverseSort(groupArray((valid_from_us, valid_to_us, CAST(status AS String)))) AS platform_listings
                FROM platform_rows FINAL
                WHERE deleted = 0
                GROUP BY platform_id
            ) AS platforms_listed
            USING platform_id
        ) AS sales
        ANY LEFT JOIN
        (
            SELECT
                institution_id,
                arrayReverseSort(groupArray((valid_from_us, valid_to_us, owner_platform_id))) AS institution_listings
            FROM institution_rows FINAL
            WHERE deleted = 0
            GROUP BY institution_id
        ) AS institutions_listed
        USING institution_id
    ) AS sales
    ANY LEFT JOIN
    (
        SELECT
            course_id,
            arrayReverseSort(groupArray((
                valid_from_us,
                valid_to_us,
                price,
                toUInt8(isNotNull(outside_price)),
                ifNull(outside_price, 0),
                free_elsewhere
            ))) AS course_listings
        FROM course_rows FINAL
        WHERE deleted = 0
        GROUP BY course_id
    ) AS courses_listed
    USING course_id
);
