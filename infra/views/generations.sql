-- The generations of the journal.
--   state  building, live, kept (an earlier one that is still there) or discarded.
--   since  Since when. In UTC.
CREATE VIEW generations AS
SELECT
    number,
    if(last_event = 'live' AND last_sequence != newest, 'kept', CAST(last_event AS String)) AS state,
    {moment last_at_us AS since}
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
