-- The generations of the journal.
--   state  building, live, kept (an earlier one that is still there) or discarded.
--   since  Since when. In UTC.
CREATE VIEW generations AS
SELECT
    number,
    if(last_event = 'live' AND last_sequence != newest_live, 'kept', last_event) AS state,
    {moment last_at_us AS since}
FROM
(
    SELECT
        number,
        last_event,
        last_sequence,
        last_at_us,
        ifNull(newest, 0) AS newest_live
    FROM
    (
        SELECT
            1 AS every,
            number,
            ifNull(argMax(CAST(event AS String), sequence), '') AS last_event,
            ifNull(max(sequence), 0) AS last_sequence,
            ifNull(max(at_us), 0) AS last_at_us
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
    USING every
);
