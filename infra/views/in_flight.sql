-- People of whom the journal has rows that no checkpoint vouches for yet: a batch is being stored, the journal first,
-- wallets and orders after it. A comparison of the two leaves them out.
CREATE VIEW in_flight AS
SELECT beneficiary_id
FROM
(
    SELECT partition, offset, beneficiary_id
    FROM journal_rows
) AS stored
ALL INNER JOIN
(
    SELECT partition, next_offset
    FROM checkpoints
) AS vouched
USING partition
WHERE offset >= next_offset
GROUP BY beneficiary_id;
