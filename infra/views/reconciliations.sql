-- Reconciliations: runs that compared somebody's statement with the journal. A refund counts with its amount below 0.
--   at        When it ran. In UTC.
--   from_day  The first day, in Asia/Jakarta.
--   to_day    The last day, in Asia/Jakarta.
CREATE VIEW reconciliations AS
SELECT
    run_id,
    {moment at_us AS at},
    platform_id,
    {day from_day},
    {day to_day},
    file,
    file_sha256,
    upto,
    their_lines,
    their_amount,
    our_lines,
    our_amount,
    outside_lines,
    outside_amount,
    matched,
    amount_differs,
    only_theirs,
    only_ours,
    twice_in_theirs
FROM reconciliation_rows FINAL;
