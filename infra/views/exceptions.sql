-- Money that moved outside though the event was rejected: a row for each purchase, refund, payout, reversal or
-- repayment that was rejected. What was moved and moved back counts once.
--   type              The event's type; an IncentivePayoutFailed belongs to its IncentivePaid.
--   reference         The order, payout or repayment.
--   publisher_id      The publisher of the last rejection.
--   amount            What the last rejection names. In rupiah.
--   reason            Why the last rejection was.
--   rejections        How often it was rejected.
--   moved_back        Of a purchase or payout: yes where its refund or reversal was rejected, too: the money is back.
--   since             When the first rejection says it happened. In UTC.
--   last_recorded_at  When the broker stored the last rejection. In UTC.
--   settled           Whether the same reference was accepted after the last rejection.
--   settled_at        When that happened; NULL where it is not settled. In UTC.
--   accepted_amount   What was accepted under this reference, before or after; 0 for a payout that was accepted as
--                     failed; NULL where nothing was. In rupiah.

-- What came from one who may not say it, or says no amount of money that there is, is no sign that money moved, and is
-- left to `rejections`. A reference that was accepted before, with other terms, has an accepted_amount and is not
-- settled. Each event counts for its own type, and is seen beside the type that moves the same money the other way: a
-- refund of a purchase that was never accepted is part of that purchase's row.
CREATE VIEW exceptions AS
SELECT
    beneficiary_id,
    type,
    platform_id,
    reference,
    publisher_id,
    amount,
    reason,
    rejections,
    {yes moves_back = 0 AND others_rejected != 0 AND accepted_offset < 0 AS moved_back},
    {moment since_us AS since},
    {moment recorded_us AS last_recorded_at},
    {yes accepted_offset > rejected_offset AS settled},
    {maybe_moment if(accepted_offset > rejected_offset, accepted_us, toInt64(0)) AS settled_at},
    if(accepted_offset >= 0, accepted, NULL) AS accepted_amount
FROM
(
    SELECT
        beneficiary_id,
        type,
        platform_id,
        reference,
        type = 'PurchaseRefunded' OR type = 'IncentiveReversed' AS moves_back,
        countIf(own AND refused) AS rejections,
        countIf(NOT own AND refused) AS others_rejected,
        countIf(NOT own AND taken) AS others_accepted,
        argMaxIf(publisher, offset, own AND refused) AS publisher_id,
        argMaxIf(money, offset, own AND refused) AS amount,
        argMaxIf(why, offset, own AND refused) AS reason,
        minIf(occurred_at_us, own AND refused) AS since_us,
        maxIf(recorded_at_us, own AND refused) AS recorded_us,
        maxIf(offset, own AND refused) AS rejected_offset,
        max(if(own AND taken, offset, toInt64(-1))) AS accepted_offset,
        maxIf(occurred_at_us, own AND taken) AS accepted_us,
        maxIf(money, own AND taken) AS accepted
    FROM
    (
        SELECT
            *,
            arrayJoin([moved, other_way]) AS type,
            type = moved AS own
        FROM
        (
            SELECT
                beneficiary_id,
                offset,
                occurred_at_us,
                recorded_at_us,
                CAST(if(type = 'IncentivePayoutFailed', 'IncentivePaid', type) AS String) AS moved,
                multiIf(
                    moved = 'CoursePurchased', 'PurchaseRefunded',
                    moved = 'PurchaseRefunded', 'CoursePurchased',
                    moved = 'IncentivePaid', 'IncentiveReversed',
                    moved = 'IncentiveReversed', 'IncentivePaid',
                    ''
                ) AS other_way,
                CAST(platform_id AS String) AS platform_id,
                CAST(publisher_id AS String) AS publisher,
                CAST(reason AS String) AS why,
                multiIf(
                    order_id != '', order_id,
                    payout_id != '', payout_id,
                    repayment_id
                ) AS reference,
                multiIf(type = 'IncentivePayoutFailed', toInt64(0), price != 0, price, amount) AS money,
                outcome = 'accepted' AS taken,
                outcome = 'rejected'
                    AND type != 'IncentivePayoutFailed'
                    AND reason != 'not_authorised'
                    AND (reason != 'invalid_amount' OR (price > 0 AND price <= 1000000000000)) AS refused
            FROM journal_rows FINAL
            PREWHERE type IN
                (
                    'CoursePurchased',
                    'PurchaseRefunded',
                    'IncentivePaid',
                    'IncentivePayoutFailed',
                    'IncentiveReversed',
                    'ClawbackRepaid'
                )
            WHERE beneficiary_id IN
                (
                    SELECT beneficiary_id
                    FROM journal_rows
                    WHERE outcome = 'rejected'
                        AND type IN
                        (
                            'CoursePurchased',
                            'PurchaseRefunded',
                            'IncentivePaid',
                            'IncentiveReversed',
                            'ClawbackRepaid'
                        )
                )
        )
    )
    GROUP BY beneficiary_id, type, platform_id, reference
    HAVING rejections > 0 AND NOT (moves_back AND others_rejected > 0 AND others_accepted = 0)
);
