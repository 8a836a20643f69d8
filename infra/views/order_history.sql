-- Each order's way from purchase to review. As of a day is a comparison of these times with it: each step has its own.
--   wave           The wave of the person's wallet.
--   decree         The decree of the person's wallet.
--   state          The first that holds of: refunded, reviewed, completed, redeemed, purchased.
--   flags          All flags raised on the order.
--   refunded_at    When the order was refunded. NULL where there is none. In UTC.
--   cleared_at     When an officer cleared the order. NULL where there is none. In UTC.
--   cleared_by     The officer.
--   clearing_note  The officer's note.
CREATE VIEW order_history AS
SELECT
    {keys order_rows},
    wave,
    decree,
    state,
    {columns order_rows},
    {maybe_moment refunded_at_us AS refunded_at},
    {maybe_moment cleared_at_us AS cleared_at},
    nullIf(officer, '') AS cleared_by,
    nullIf(officers_note, '') AS clearing_note
FROM
(
    SELECT *, {state} AS state
    FROM
    (
        SELECT *
        FROM
        (
            SELECT
                {plain order_rows}
            FROM order_rows FINAL
        ) AS sold
        ANY LEFT JOIN
        (
            SELECT beneficiary_id, wave, CAST(decree AS String) AS decree
            FROM wallet_rows FINAL
        ) AS owners
        USING beneficiary_id
    ) AS owned
    ANY LEFT JOIN
    (
        SELECT
            beneficiary_id,
            CAST(platform_id AS String) AS platform_id,
            order_id,
            maxIf(occurred_at_us, type = 'PurchaseRefunded') AS refunded_at_us,
            maxIf(occurred_at_us, type = 'OrderCleared') AS cleared_at_us,
            anyIf(CAST(officer_id AS String), type = 'OrderCleared') AS officer,
            anyIf(note, type = 'OrderCleared') AS officers_note
        FROM journal_rows FINAL
        PREWHERE outcome = 'accepted' AND (type = 'PurchaseRefunded' OR type = 'OrderCleared')
        GROUP BY beneficiary_id, platform_id, order_id
    ) AS endings
    USING beneficiary_id, platform_id, order_id
);
