-- Dead letters with their bytes unchanged.
--   topic           The topic of the record.
--   error           The kind of fault.
--   message         What is wrong with the record.
--   key             The record's key, as it was.
--   value           The record's value, as it was.

-- The origin identifies a dead letter, however often it was written.
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

-- Who sent a dead letter, where its bytes still say so: a row for each row of dead_letter_rows.
--   topic         The topic of the record.
--   publisher_id  The publisher; empty where the bytes do not name it.
CREATE TABLE dead_letter_publisher_rows
(
    topic         LowCardinality(String),
    partition     Int32,
    offset        Int64,
    publisher_id  LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset);

-- Checkpoints: up to which offset the journal is whole. One that the journal did not confirm is voided: it has 0 rows.
--   cluster_id       The Kafka cluster.
--   topic            The log's topic.
--   partition_count  How many partitions the log has.
--   first_offset     Where the batch begins.
--   next_offset      Where the batch ends: the first offset that is not part of it.
--   rows             How many rows the journal has from first_offset up to, not including, next_offset.
--   total_rows       How many rows it has from the log's start on.
--   digest           The digest of the batch's rows.
--   fold_version     The version of the rules' code.
--   rules_digest     The digest of the rules' file.
--   recorded_at_us   When the broker stored the batch's newest record.
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

-- The chain over the log, made by `formula` (docs/proof.md): a row for each segment of a partition's offsets.
--   formula      How the heads are computed.
--   segment      The segment's number, from 0.
--   next_offset  Where the segment ends: the first offset that is not part of it.
--   records      How many records the segment has.
--   head         In hexadecimal: the digest of everything that the partition holds below next_offset.

-- The last segment is open: its row is written again with each checkpoint, and the one that goes furthest stays.
CREATE TABLE chain_rows
(
    formula      Int32,
    partition    Int32,
    segment      Int64,
    next_offset  Int64,
    records      Int64,
    head         String
)
ENGINE = ReplacingMergeTree(next_offset)
ORDER BY (formula, partition, segment);
