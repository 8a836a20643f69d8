-- Each sale as the catalogue judges it: by the newest listing in force at the moment of the sale.
--   listed_price   The course's listed price then; NULL where it was not listed. In rupiah.
--   outside_price  Its price outside the programme then; NULL where it was not sold there. In rupiah.
--   judgements     Any of: platform_not_active, course_not_listed, price_above_listed, price_above_outside,
--                  free_elsewhere, same_owner.
CREATE VIEW sale_judgements AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
    course_id,
    institution_id,
    price,
    {moment purchased_at_us AS purchased_at},
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
-- What is listed under an id is an array of tuples, the newest first; each begins with from when and until when it
-- holds. Where none was in force, the one looked for is a tuple of zeros and empty texts. The oldest servers forget a
-- column that only a lambda names, so the time of the sale comes as an array beside it.
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
                    arrayReverseSort(groupArray((valid_from_us, valid_to_us, CAST(status AS String))))
                        AS platform_listings
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
