-- Each platform once, by the newest of its listings that has begun: a join with it repeats nothing.
--   listed  Whether that listing holds; no where it has ended.
CREATE VIEW platforms_now AS
SELECT
    {columns platform_rows},
    {yes valid_to_us = 0 OR valid_to_us > now_us AS listed}
FROM
(
    SELECT *, toInt64(toUnixTimestamp(now())) * 1000000 AS now_us
    FROM platform_rows FINAL
    WHERE deleted = 0 AND valid_from_us <= now_us
    ORDER BY platform_id, valid_from_us DESC
    LIMIT 1 BY platform_id
);
