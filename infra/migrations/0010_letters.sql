-- Who sent a dead letter, where its bytes still tell; empty where they do not. A row for each row of dead_letter_rows.
CREATE TABLE dead_letter_publisher_rows
(
    topic         LowCardinality(String),
    partition     Int32,
    offset        Int64,
    publisher_id  LowCardinality(String)
)
ENGINE = ReplacingMergeTree
ORDER BY (topic, partition, offset);

-- What people did about records of the log, by the record's place: `redrive` and `discard` of dead letters and rejected
-- events, `accept` of all dead letters of the partition up to the offset. A redrive is `intended` before it is
-- published, and then `done` or `void` in the same place; `look_from` is where the log's partition `to_partition`
-- ended before, so that a redrive that was cut short is looked for from there.
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

-- letter_actions: what was done about records, by whom and when; a redrive names where it stands in the log now.
CREATE VIEW letter_actions AS
SELECT
    topic,
    partition,
    offset,
    action_id,
    kind,
    stage,
    acted_by,
    toDateTime(intDiv(acted_at_us, 1000000), 'UTC') AS acted_at,
    note,
    change,
    value_sha256,
    to_partition,
    if(to_offset < 0, NULL, to_offset) AS to_offset
FROM letter_action_rows FINAL;

-- letters: dead letters with their publisher, where known, and what became of each: open, redriven or discarded.
CREATE VIEW letters AS
SELECT
    topic,
    partition,
    offset,
    toDateTime(intDiv(recorded_at_us, 1000000), 'UTC') AS recorded_at,
    recorded_at_us,
    error,
    message,
    size,
    nullIf(publisher, '') AS publisher_id,
    multiIf(last_kind = 'redrive', 'redriven', last_kind = 'discard', 'discarded', 'open') AS status,
    nullIf(last_by, '') AS acted_by,
    if(last_at_us = 0, NULL, toDateTime(intDiv(last_at_us, 1000000), 'UTC')) AS acted_at
FROM
(
    SELECT *
    FROM
    (
        SELECT
            CAST(topic AS String) AS topic,
            partition,
            offset,
            recorded_at_us,
            CAST(error AS String) AS error,
            message,
            length(ifNull(value, '')) AS size
        FROM dead_letter_rows FINAL
    ) AS dead
    ANY LEFT JOIN
    (
        SELECT CAST(topic AS String) AS topic, partition, offset, CAST(publisher_id AS String) AS publisher
        FROM dead_letter_publisher_rows FINAL
    ) AS senders
    USING topic, partition, offset
) AS sent
ANY LEFT JOIN
(
    SELECT
        topic,
        partition,
        offset,
        argMax(CAST(kind AS String), acted_at_us) AS last_kind,
        argMax(acted_by, acted_at_us) AS last_by,
        max(acted_at_us) AS last_at_us
    FROM letter_action_rows FINAL
    WHERE stage = 'done' AND (kind = 'redrive' OR kind = 'discard')
    GROUP BY topic, partition, offset
) AS acted
USING topic, partition, offset;
