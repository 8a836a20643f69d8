-- The chain over the log, made by `formula` (docs/proof.md): a row for each segment of a partition's offsets. `head`, in
-- hexadecimal, stands for everything that the partition holds below next_offset; `records` are the segment's own. The
-- last segment is open: its row is written again with each checkpoint, and the one that goes furthest stays.
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

-- chain: the heads of the chain over the log, a row for each segment of a partition.
CREATE VIEW chain AS
SELECT
    partition,
    segment,
    next_offset,
    records,
    head,
    formula
FROM chain_rows FINAL;
