-- Statements: a party's settlement for some days, closed when it is issued.
--   statement_id         Identifies the statement.
--   party                platform or institution.
--   party_id             The party.
--   number               The party's statements are numbered from 1.
--   from_day             The first day, counted from 1970-01-01 in Asia/Jakarta.
--   to_day               The last day, counted the same way.
--   issued_at_us         When it was issued. In UTC microseconds.
--   upto                 What was known by then: the next offset of each partition of the log, from partition 0, with
--                        commas between.
--   lines                How many lines the statement has.
--   sales                How many orders were sold.
--   sold                 What was paid for them. In rupiah.
--   refunds              How many orders were refunded.
--   refunded             What was paid back for them. In rupiah.
--   commission           What the platform may keep of what was sold. In rupiah.
--   commission_returned  The commission of what was refunded. In rupiah.
--   net_to_institution   sold - commission - (refunded - commission_returned). In rupiah.

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

-- The lines of statements: a row for each day, platform and institution.
--   statement_id         The statement.
--   kind                 period; or adjustment, for what became known of a closed period after it was issued.
--   day                  The day, counted from 1970-01-01 in Asia/Jakarta.
--   platform_id          The platform that sold.
--   institution_id       The institution that gives the courses.
--   sales                How many orders were sold.
--   sold                 What was paid for them. In rupiah.
--   refunds              How many orders were refunded.
--   refunded             What was paid back for them. In rupiah.
--   commission           What the platform may keep of what was sold. In rupiah.
--   commission_returned  The commission of what was refunded. In rupiah.
--   net_to_institution   sold - commission - (refunded - commission_returned). In rupiah.
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

-- Reconciliations: runs that compared somebody's statement with the journal. A refund counts with its amount below 0.
--   run_id           Identifies the run.
--   at_us            When it ran. In UTC microseconds.
--   platform_id      The platform that the statement is about; empty where it is about all.
--   from_day         The first day, counted from 1970-01-01 in Asia/Jakarta.
--   to_day           The last day, counted the same way.
--   file             The statement's file.
--   file_sha256      The SHA-256 of the file, in hexadecimal.
--   upto             What was known by then: the next offset of each partition of the log, from partition 0, with
--                    commas between.
--   their_lines      How many lines of the file were compared.
--   their_amount     What they add up to. In rupiah.
--   our_lines        How many events of the journal were compared.
--   our_amount       What they add up to. In rupiah.
--   outside_lines    How many lines of the file are of other days.
--   outside_amount   What those add up to. In rupiah.
--   matched          How many lines agree.
--   amount_differs   How many lines have another amount in the journal.
--   only_theirs      How many lines only the file has.
--   only_ours        How many events only the journal has.
--   twice_in_theirs  How many lines say once more what another line of the file says.

-- The table's last row to be written is the run's own, so a run that was cut short is none.
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

-- The lines of reconciliations: a row for each line of the file and for each event that only the journal has.
--   run_id          The run.
--   status          matched, amount_differs, only_theirs, only_ours or twice_in_theirs.
--   line            The line's number in the file; 0 where only the journal has it.
--   order_id        The order.
--   beneficiary_id  The person; empty where only the file has it.
--   their_amount    The file's amount; a refund's is below 0. In rupiah.
--   our_amount      The journal's amount; a refund's is below 0. In rupiah.
--   partition       The event's partition of the log; -1 where only the file has it.
--   offset          The event's offset in the partition; -1 where only the file has it.
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

-- What people did about records of the log, by the record's place.
--   topic         The topic of the record.
--   action_id     Identifies the action.
--   version       Of two rows of one action the higher version counts.
--   kind          redrive or discard, of a dead letter or a rejected event; or accept, of all dead letters of the
--                 partition up to the offset.
--   stage         A redrive is intended before it is published, and then done or void.
--   acted_by      Who did it.
--   acted_at_us   When. In UTC microseconds.
--   note          Why, in the person's own words.
--   change        What was changed of the record before it was published again.
--   value_sha256  The SHA-256 of what was published, in hexadecimal.
--   to_partition  The log's partition to which it was published.
--   look_from     Where that partition ended before: a redrive that was cut short is looked for from there.
--   to_offset     Where the record is in the log now; below 0 where it is not.
CREATE TABLE letter_action_rows
(
    topic         String,
    partition     Int32,
    offset        Int64,
    action_id     String,
    version       UInt8,
    kind          LowCardinality(String),
    stage         LowCardinality(String),
    acted_by      String,
    acted_at_us   Int64,
    note          String,
    change        LowCardinality(String),
    value_sha256  String,
    to_partition  Int32,
    look_from     Int64,
    to_offset     Int64
)
ENGINE = ReplacingMergeTree(version)
ORDER BY (topic, partition, offset, action_id);
