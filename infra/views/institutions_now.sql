-- Each institution once, by the newest of its listings that has begun: a join with it repeats nothing.
--   listed  Whether that listing holds; no where it has ended.
CREATE VIEW institutions_now AS
SELECT
    {columns institution_rows},
    {yes valid_to_us = 0 OR valid_to_us > now_us AS listed}
FROM
(
    SELECT *, toInt64(toUnixTimestamp(now())) * 1000000 AS now_us
    FROM institution_rows FINAL
    WHERE deleted = 0 AND valid_from_us <= now_us
    ORDER BY institution_id, valid_from_us DESC
    LIMIT 1 BY institution_id
);
