-- Every record of the log that cannot be read: its bytes, and what is wrong with them.
CREATE VIEW dead_letters AS
SELECT
    topic,
    partition,
    offset,
    {moment recorded_at_us AS recorded_at},
    error,
    message,
    key,
    value
FROM dead_letter_rows FINAL;
