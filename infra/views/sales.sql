-- Every order with what the catalogue listed at the moment of the sale: the newest listing in force then, of its platform,
-- course and institution. What was not listed then is NULL.
--   state              The first that holds of: refunded, reviewed, completed, redeemed, purchased.
--   platform_name      The platform's name.
--   platform_status    The platform's status: candidate, active, suspended or ended.
--   title              The course's title.
--   category           The course's category.
--   listed_price       The course's listed price. In rupiah.
--   outside_price      The course's price outside the programme; NULL where it was not sold there, too. In rupiah.
--   free_elsewhere     Whether the course was free somewhere else.
--   institution_name   The institution's name.
--   owner_platform_id  The platform that owned the institution; NULL where none did, too.
CREATE VIEW sales AS
SELECT
    beneficiary_id,
    platform_id,
    if(platform.1 = 0, NULL, platform.4) AS platform_name,
    if(platform.1 = 0, NULL, platform.3) AS platform_status,
    order_id,
    state,
    course_id,
    if(course.1 = 0, NULL, course.7) AS title,
    if(course.1 = 0, NULL, course.8) AS category,
    institution_id,
    if(institution.1 = 0, NULL, institution.4) AS institution_name,
    nullIf(institution.3, '') AS owner_platform_id,
    price,
    commission,
    if(course.1 = 0, NULL, course.3) AS listed_price,
    if(course.4 = 0, NULL, course.5) AS outside_price,
    if(course.1 = 0, NULL, if(course.6 != 0, 'yes', 'no')) AS free_elsewhere,
    {moment purchased_at_us AS purchased_at}
FROM
-- What is listed under an id is an array of tuples, the newest first; each begins with from when and until when it
-- holds. A last one of zeros and empty texts is what is found where none was in force: it is there for each id that was
-- sold, so that no join has to leave a row without a partner. The oldest servers forget a column that only a lambda
-- names, so the time of the sale comes as an array beside it.
(
    SELECT
        beneficiary_id,
        platform_id,
        order_id,
        state,
        course_id,
        institution_id,
        price,
        commission,
        purchased_at_us,
        {listing platform},
        {listing institution},
        {listing course}
    FROM
    (
        SELECT
            {stored order_rows},
            state,
            platform_listings,
            institution_listings
        FROM
        (
            SELECT
                {stored order_rows},
                state,
                platform_listings
            FROM
            (
                SELECT
                    {plain order_rows},
                    {state} AS state
                FROM order_rows FINAL
            ) AS sold
            ALL INNER JOIN
            (
                SELECT
                    platform_id,
                    arrayReverseSort(groupArray((from_us, to_us, status, name))) AS platform_listings
                FROM
                (
                    SELECT
                        platform_id,
                        valid_from_us AS from_us,
                        valid_to_us AS to_us,
                        CAST(status AS String) AS status,
                        name
                    FROM platform_rows FINAL
                    WHERE deleted = 0
                    UNION ALL
                    SELECT DISTINCT
                        CAST(platform_id AS String) AS platform_id,
                        toInt64(0) AS from_us,
                        toInt64(0) AS to_us,
                        '' AS status,
                        '' AS name
                    FROM order_rows
                )
                GROUP BY platform_id
            ) AS platforms_listed
            USING platform_id
        ) AS of_platforms
        ALL INNER JOIN
        (
            SELECT
                institution_id,
                arrayReverseSort(groupArray((from_us, to_us, owner, name))) AS institution_listings
            FROM
            (
                SELECT
                    institution_id,
                    valid_from_us AS from_us,
                    valid_to_us AS to_us,
                    owner_platform_id AS owner,
                    name
                FROM institution_rows FINAL
                WHERE deleted = 0
                UNION ALL
                SELECT DISTINCT
                    CAST(institution_id AS String) AS institution_id,
                    toInt64(0) AS from_us,
                    toInt64(0) AS to_us,
                    '' AS owner,
                    '' AS name
                FROM order_rows
            )
            GROUP BY institution_id
        ) AS institutions_listed
        USING institution_id
    ) AS of_institutions
    ALL INNER JOIN
    (
        SELECT
            course_id,
            arrayReverseSort(groupArray((from_us, to_us, listed, sold_outside, outside, free, title, category)))
                AS course_listings
        FROM
        (
            SELECT
                course_id,
                valid_from_us AS from_us,
                valid_to_us AS to_us,
                price AS listed,
                toUInt8(isNotNull(outside_price)) AS sold_outside,
                ifNull(outside_price, 0) AS outside,
                free_elsewhere AS free,
                title,
                CAST(category AS String) AS category
            FROM course_rows FINAL
            WHERE deleted = 0
            UNION ALL
            SELECT DISTINCT
                CAST(course_id AS String) AS course_id,
                toInt64(0) AS from_us,
                toInt64(0) AS to_us,
                toInt64(0) AS listed,
                toUInt8(0) AS sold_outside,
                toInt64(0) AS outside,
                toUInt8(0) AS free,
                '' AS title,
                '' AS category
            FROM order_rows
        )
        GROUP BY course_id
    ) AS courses_listed
    USING course_id
);
