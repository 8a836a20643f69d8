-- Dead letters with their bytes unchanged; the origin identifies one, however often it was written.
CREATE TABLE dead_letter_rows
(
    topic           LowCardinality(String),
    partition       Int32,
    offset          Int64,
    recorded_at_us  Int64,
    error           LowCardinality(String),
    message         String,
    key             Nullable(String),
    value           Nullable(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset);

-- Checkpoints: up to which offset the journal is whole. `rows` and `digest` are of the journal's rows from
-- first_offset up to, not including, next_offset; total_rows counts all from the log's start. One that the journal did not
-- bear out is voided: it has 0 rows.
CREATE TABLE checkpoint_rows
(
    cluster_id      String,
    topic           String,
    partition_count Int32,
    partition       Int32,
    first_offset    Int64,
    next_offset     Int64,
    rows            Int64,
    total_rows      Int64,
    digest          UInt64,
    fold_version    Int32,
    rules_digest    String,
    recorded_at_us  Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, next_offset);
