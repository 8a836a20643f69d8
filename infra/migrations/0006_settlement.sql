-- Statements: a party's settlement for some days, closed when it is issued. `upto` says what was known by then: the
-- next offset of each partition of the log, from partition 0, with commas between; the sums are those of all its lines.
-- Of two that were issued as the same number at the same moment the first one counts.
CREATE TABLE statement_rows
(
    statement_id         String,
    party                LowCardinality(String),
    party_id             String,
    number               Int64,
    from_day             Int64,
    to_day               Int64,
    issued_at_us         Int64,
    upto                 String,
    lines                Int64,
    sales                Int64,
    sold                 Int64,
    refunds              Int64,
    refunded             Int64,
    commission           Int64,
    commission_returned  Int64,
    net_to_institution   Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (party, party_id, number, issued_at_us, statement_id);

-- `kind` is 'period', or 'adjustment' for what became known of a closed period after it was issued.
CREATE TABLE statement_line_rows
(
    statement_id         String,
    kind                 LowCardinality(String),
    day                  Int64,
    platform_id          String,
    institution_id       String,
    sales                Int64,
    sold                 Int64,
    refunds              Int64,
    refunded             Int64,
    commission           Int64,
    commission_returned  Int64,
    net_to_institution   Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (statement_id, kind, day, platform_id, institution_id);

CREATE VIEW statements AS
SELECT
    statement_id,
    party,
    party_id,
    number,
    toDate(toUInt16(from_day)) AS from_day,
    toDate(toUInt16(to_day)) AS to_day,
    toDateTime(intDiv(issued_at_us, 1000000), 'UTC') AS issued_at,
    issued_at_us,
    upto,
    lines,
    sales,
    sold,
    refunds,
    refunded,
    commission,
    commission_returned,
    net_to_institution
FROM statement_rows FINAL
ORDER BY party, party_id, number, issued_at_us, statement_id
LIMIT 1 BY party, party_id, number;

CREATE VIEW statement_lines AS
SELECT
    statement_id,
    kind,
    toDate(toUInt16(day)) AS day,
    platform_id,
    institution_id,
    sales,
    sold,
    refunds,
    refunded,
    commission,
    commission_returned,
    net_to_institution
FROM statement_line_rows FINAL
WHERE statement_id IN (SELECT statement_id FROM statements);

-- Reconciliations: runs that held somebody's statement against the journal. `theirs` is the file, `ours` the journal;
-- a refund counts with its amount below zero. The table's last row to be written is the run's own, so a run that was
-- cut short is none.
CREATE TABLE reconciliation_rows
(
    run_id                 String,
    at_us                  Int64,
    platform_id            String,
    from_day               Int64,
    to_day                 Int64,
    file                   String,
    file_sha256            String,
    upto                   String,
    their_lines            Int64,
    their_amount           Int64,
    our_lines              Int64,
    our_amount             Int64,
    outside_lines          Int64,
    outside_amount         Int64,
    matched                Int64,
    amount_differs         Int64,
    only_theirs            Int64,
    only_ours              Int64,
    twice_in_theirs        Int64
)
ENGINE = ReplacingMergeTree
ORDER BY run_id;

-- `line` is the file's, 0 where only the journal has it; `partition` and `offset` are the event's place in the log,
-- -1 where only the file has it.
CREATE TABLE reconciliation_line_rows
(
    run_id          String,
    status          LowCardinality(String),
    line            Int64,
    order_id        String,
    beneficiary_id  String,
    their_amount    Int64,
    our_amount      Int64,
    partition       Int64,
    offset          Int64
)
ENGINE = ReplacingMergeTree
ORDER BY (run_id, line, partition, offset);

CREATE VIEW reconciliations AS
SELECT
    run_id,
    toDateTime(intDiv(at_us, 1000000), 'UTC') AS at,
    platform_id,
    toDate(toUInt16(from_day)) AS from_day,
    toDate(toUInt16(to_day)) AS to_day,
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
