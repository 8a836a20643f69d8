-- Generations of the journal. The first one lies in the configured database; `dompet rebuild` folds the log anew into
-- <database>_g2, <database>_g3, …, and one row here then says which is live. `event`: building, live, shown (the views
-- of the configured database read it) or discarded. `made_of`: the log, the fold and the rules that one being built is
-- a function of. Kept once, in the configured database.
CREATE TABLE generation_rows
(
    sequence  Int64,
    number    Int32,
    event     LowCardinality(String),
    at_us     Int64,
    made_of   String
)
ENGINE = ReplacingMergeTree
ORDER BY (sequence, number, event);

-- generations: a row for each; `state` is building, live, kept (an earlier one that is still there) or discarded.
CREATE VIEW generations AS
SELECT
    number,
    if(last_event = 'live' AND last_sequence != newest, 'kept', CAST(last_event AS String)) AS state,
    toDateTime(intDiv(last_at_us, 1000000), 'UTC') AS since
FROM
(
    SELECT
        1 AS every,
        number,
        argMax(event, sequence) AS last_event,
        max(sequence) AS last_sequence,
        max(at_us) AS last_at_us
    FROM generation_rows FINAL
    WHERE event != 'shown'
    GROUP BY number
) AS of_each
ANY LEFT JOIN
(
    SELECT 1 AS every, max(sequence) AS newest
    FROM generation_rows FINAL
    WHERE event = 'live'
) AS of_all
USING every;
