-- Patterns: what the rules let through, and somebody should look at. A row for each case.
--   pattern       order_id_of_several_people: an order id of a platform under several people.
--                 certificate_of_several_orders: a certificate that several orders carry.
--                 completions_within_a_minute: a person who completed several courses, one within a minute of another.
--                 institution_all_flagged: an institution of at least three completions, all flagged as doubtful.
--   subject       What the case is about: the order id, certificate, person or institution.
--   platform_id   The platform of an order id; empty for the other patterns.
--   people        How many people take part.
--   orders        How many orders take part.
--   institutions  How many institutions take part.
--   paid          What was paid for these orders. In rupiah.
--   first_at      The first purchase, for an order id; else the first completion. In UTC.
--   last_at       The last one. In UTC.
CREATE VIEW suspicious AS
SELECT
    'order_id_of_several_people' AS pattern,
    order_id AS subject,
    CAST(platform_id AS String) AS platform_id,
    uniqExact(beneficiary_id) AS people,
    count() AS orders,
    uniqExact(institution_id) AS institutions,
    sum(price) AS paid,
    {moment min(purchased_at_us) AS first_at},
    {moment max(purchased_at_us) AS last_at}
FROM order_rows FINAL
GROUP BY platform_id, order_id
HAVING people > 1
UNION ALL
SELECT
    'certificate_of_several_orders' AS pattern,
    certificate_id AS subject,
    '' AS platform_id,
    uniqExact(beneficiary_id) AS people,
    count() AS orders,
    uniqExact(institution_id) AS institutions,
    sum(price) AS paid,
    {moment min(completed_at_us) AS first_at},
    {moment max(completed_at_us) AS last_at}
FROM order_rows FINAL
WHERE certificate_id != ''
GROUP BY certificate_id
HAVING orders > 1
UNION ALL
SELECT
    'completions_within_a_minute' AS pattern,
    beneficiary_id AS subject,
    '' AS platform_id,
    toUInt64(1) AS people,
    toUInt64(length(close)) AS orders,
    toUInt64(arrayUniq(arrayMap(one -> tupleElement(one, 2), close))) AS institutions,
    toInt64(arraySum(one -> tupleElement(one, 3), close)) AS paid,
    {moment tupleElement(close[1], 1) AS first_at},
    {moment tupleElement(close[-1], 1) AS last_at}
FROM
(
    SELECT
        beneficiary_id,
        arraySort(groupArray((completed_at_us, CAST(institution_id AS String), price))) AS done,
        arrayMap(one -> tupleElement(one, 1), done) AS times,
        arrayPushBack(arrayMap((later, earlier) -> later - earlier < 60000000, arrayPopFront(times),
            arrayPopBack(times)), 0) AS before_another,
        arrayPushFront(arrayPopBack(before_another), 0) AS after_another,
        arrayFilter((one, before, after) -> before OR after, done, before_another, after_another) AS close
    FROM order_rows FINAL
    WHERE completed_at_us != 0
    GROUP BY beneficiary_id
    HAVING length(close) != 0
)
UNION ALL
SELECT
    'institution_all_flagged' AS pattern,
    CAST(institution_id AS String) AS subject,
    '' AS platform_id,
    uniqExact(beneficiary_id) AS people,
    count() AS orders,
    toUInt64(1) AS institutions,
    sum(price) AS paid,
    {moment min(completed_at_us) AS first_at},
    {moment max(completed_at_us) AS last_at}
FROM order_rows FINAL
WHERE completed_at_us != 0
GROUP BY institution_id
HAVING orders > 2 AND min(bitAnd(flag_bits, {doubtful_bits})) != 0;
