-- Verifications: what `dompet verify` found, a row for each run that could compare.
--   run_id       Identifies the run.
--   at_us        When it ended. In UTC microseconds.
--   topic        The log's topic.
--   from_offset  From which offset on rows were compared.
--   upto         Up to which offset each partition was compared: PARTITION:OFFSET, with commas between.
--   records      How many records of the log were read.
--   holds        Whether all that was compared is what the log says. 1 for yes, 0 for no.
--   differences  How many differences were found; of several of one kind in a partition the first counts.
CREATE TABLE verification_rows
(
    run_id       String,
    at_us        Int64,
    topic        String,
    from_offset  Int64,
    upto         String,
    records      Int64,
    holds        UInt8,
    differences  Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (at_us, run_id);
