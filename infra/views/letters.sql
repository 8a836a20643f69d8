-- Dead letters with their publisher, where known, and what became of each.
--   size          The length of the record's value. In bytes.
--   publisher_id  The publisher; NULL where the bytes do not name it.
--   status        open, redriven or discarded.
--   acted_by      Who redrove or discarded it last; NULL where nobody did.
--   acted_at      When; NULL where nobody did. In UTC.
CREATE VIEW letters AS
SELECT
    topic,
    partition,
    offset,
    {moment recorded_at_us AS recorded_at},
    recorded_at_us,
    error,
    message,
    size,
    nullIf(ifNull(publisher, ''), '') AS publisher_id,
    multiIf(
        ifNull(last_kind, '') = 'redrive', 'redriven',
        ifNull(last_kind, '') = 'discard', 'discarded',
        'open'
    ) AS status,
    nullIf(ifNull(last_by, ''), '') AS acted_by,
    {maybe_moment ifNull(last_at_us, 0) AS acted_at}
FROM
(
    SELECT topic, partition, offset, recorded_at_us, error, message, size, publisher
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
