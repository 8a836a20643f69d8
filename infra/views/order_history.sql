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
    ifNull(wallet_wave, 0) AS wave,
    ifNull(wallet_decree, '') AS decree,
    state,
    {columns order_rows},
    {maybe_moment ifNull(refunded_at_us, 0) AS refunded_at},
    {maybe_moment ifNull(cleared_at_us, 0) AS cleared_at},
    nullIf(ifNull(officer, ''), '') AS cleared_by,
    nullIf(ifNull(officers_note, ''), '') AS clearing_note
FROM
(
    SELECT
        {stored order_rows},
        state,
        wallet_wave,
        wallet_decree
    FROM
    (
        SELECT
            {plain order_rows},
            {state} AS state
        FROM order_rows FINAL
    ) AS sold
    ANY LEFT JOIN
    (
        SELECT beneficiary_id, wave AS wallet_wave, CAST(decree AS String) AS wallet_decree
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
USING beneficiary_id, platform_id, order_id;
