-- The lines of reconciliations: a row for each line of the file and for each event that only the journal has.
--   line            The line's number in the file; NULL where only the journal has it.
--   beneficiary_id  The person; NULL where only the file has it.
--   their_amount    The file's amount, a refund's below 0; NULL where only the journal has it. In rupiah.
--   our_amount      The journal's amount, a refund's below 0; NULL where only the file has it. In rupiah.
--   partition       The event's partition of the log; NULL where only the file has it.
--   offset          The event's offset in the partition; NULL where only the file has it.
CREATE VIEW reconciliation_lines AS
SELECT
    run_id,
    status,
    nullIf(line, 0) AS line,
    order_id,
    nullIf(beneficiary_id, '') AS beneficiary_id,
    if(status = 'only_ours', NULL, their_amount) AS their_amount,
    if(status = 'only_theirs' OR status = 'twice_in_theirs', NULL, our_amount) AS our_amount,
    nullIf(partition, -1) AS partition,
    nullIf(offset, -1) AS offset
FROM reconciliation_line_rows FINAL
WHERE run_id IN (SELECT run_id FROM reconciliation_rows);
