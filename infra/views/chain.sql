-- The heads of the chain over the log: a row for each segment of a partition.
CREATE VIEW chain AS
SELECT
    partition,
    segment,
    next_offset,
    records,
    head,
    formula
FROM chain_rows FINAL;
