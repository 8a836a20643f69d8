-- Verifications: what `dompet verify` found, a row for each run that could compare.
--   at     When it ended. In UTC.
--   holds  yes where all that was compared is what the log says.
CREATE VIEW verifications AS
SELECT
    run_id,
    {moment at_us AS at},
    topic,
    from_offset,
    upto,
    records,
    {yes holds != 0 AS holds},
    differences
FROM verification_rows FINAL;
