-- The newest checkpoint of each partition: up to which offset the journal is whole.
CREATE VIEW checkpoints AS
SELECT
    cluster_id,
    topic,
    partition,
    first_offset,
    next_offset,
    rows,
    total_rows,
    digest,
    fold_version,
    rules_digest,
    {moment recorded_at_us AS recorded_at}
FROM checkpoint_rows FINAL
WHERE rows > 0
ORDER BY topic, partition, next_offset DESC
LIMIT 1 BY topic, partition;
