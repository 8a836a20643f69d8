-- Whole minutes from purchase to completion, by platform and institution.
--   platform_id     The platform that sold.
--   institution_id  The institution that gave the courses.
--   completed       How many orders were completed.
--   shortest        The shortest time. In minutes.
--   tenth           One in ten took no longer. In minutes.
--   median          Half took no longer. In minutes.
--   ninetieth       Nine in ten took no longer. In minutes.
--   longest         The longest time. In minutes.
CREATE VIEW completion_times AS
SELECT
    platform_id,
    institution_id,
    count() AS completed,
    min(minutes) AS shortest,
    quantileExact(0.1)(minutes) AS tenth,
    quantileExact(0.5)(minutes) AS median,
    quantileExact(0.9)(minutes) AS ninetieth,
    max(minutes) AS longest
FROM
(
    SELECT platform_id, institution_id, intDiv(completed_at_us - purchased_at_us, 60000000) AS minutes
    FROM order_rows FINAL
    WHERE completed_at_us != 0
)
GROUP BY platform_id, institution_id;
