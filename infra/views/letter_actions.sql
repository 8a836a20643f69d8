-- What was done about records, by whom and when.
--   topic         The topic of the record.
--   to_offset     Where the record is in the log now; NULL where it was not published.
CREATE VIEW letter_actions AS
SELECT
    topic,
    partition,
    offset,
    action_id,
    kind,
    stage,
    acted_by,
    {moment acted_at_us AS acted_at},
    note,
    change,
    value_sha256,
    to_partition,
    if(to_offset < 0, NULL, to_offset) AS to_offset
FROM letter_action_rows FINAL;
