-- What is owed and asked back, and whatever is not as it must be.

-- incentives: a row for each person who is owed, was paid, failed to be paid, or waits. `outstanding` is what is due
-- and not paid, `failed_amount` the sum of the payouts that failed, `held` 1 where a doubtful order holds it all back.
CREATE VIEW incentives AS
SELECT
    beneficiary_id,
    wave,
    decree,
    status,
    entitled,
    held,
    due,
    paid,
    due - paid AS outstanding,
    failures,
    failed_amount
FROM
(
    SELECT
        beneficiary_id,
        wave,
        decree,
        status,
        entitled,
        held,
        incentive_due AS due,
        incentive_paid AS paid,
        payout_failures AS failures
    FROM wallet_rows FINAL
    WHERE incentive_due != 0 OR incentive_paid != 0 OR payout_failures != 0 OR entitled != 0 OR held != 0
) AS wallets_concerned
ANY LEFT JOIN
(
    SELECT beneficiary_id, sum(amount) AS failed_amount
    FROM journal_rows FINAL
    PREWHERE outcome = 'accepted' AND type = 'IncentivePayoutFailed'
    GROUP BY beneficiary_id
) AS failed
USING beneficiary_id;

-- clawbacks: a row for each clawback: what was asked back, what of it was repaid, what is outstanding.
CREATE VIEW clawbacks AS
SELECT
    beneficiary_id,
    clawback_id,
    any(wave_after) AS wave,
    CAST(any(decree_after) AS String) AS decree,
    toDateTime(intDiv(maxIf(occurred_at_us, type = 'ClawbackOrdered'), 1000000), 'UTC') AS ordered_at,
    sum(clawback_ordered_change) AS ordered,
    sum(clawback_repaid_change) AS repaid,
    ordered - repaid AS outstanding,
    countIf(type = 'ClawbackRepaid') AS repayments,
    if(
        countIf(type = 'ClawbackRepaid') = 0,
        NULL,
        toDateTime(intDiv(maxIf(occurred_at_us, type = 'ClawbackRepaid'), 1000000), 'UTC')
    ) AS last_repaid_at
FROM journal_rows FINAL
PREWHERE outcome = 'accepted' AND (type = 'ClawbackOrdered' OR type = 'ClawbackRepaid')
GROUP BY beneficiary_id, clawback_id;

-- differences: whatever is not as it must be; no row where all is right. `law` says what must hold, `subject` of what
-- (a wave and decree, a platform, a person), `found` is the left side of the law and `expected` the right one. People in
-- flight are left out where wallets and orders are compared with the journal.
CREATE VIEW differences AS
SELECT
    'credited = net spent + returned + remaining' AS law,
    concat('wave ', toString(wave), ', decree ', decree) AS subject,
    total_credited AS found,
    net_spent + total_returned + remaining AS expected
FROM conservation
WHERE difference != 0
UNION ALL
SELECT
    'net spent on the platform by orders = by the journal' AS law,
    concat('platform ', platform_id) AS subject,
    net_spent AS found,
    journal_net_spent AS expected
FROM platform_spending
WHERE difference != 0
UNION ALL
SELECT
    broken.1 AS law,
    subject,
    broken.2 AS found,
    broken.3 AS expected
FROM
(
    SELECT
        concat('wallet ', beneficiary_id) AS subject,
        arrayJoin([
            ('credited = balance + spent - refunded + returned', credited, balance + spent - refunded + returned,
                toUInt8(credited != balance + spent - refunded + returned)),
            ('balance >= 0', balance, toInt64(0), toUInt8(balance < 0)),
            ('incentive_paid <= incentive_due', incentive_paid, incentive_due, toUInt8(incentive_paid > incentive_due)),
            ('clawback_repaid <= clawback_ordered', clawback_repaid, clawback_ordered,
                toUInt8(clawback_repaid > clawback_ordered))
        ]) AS broken
    FROM wallet_rows FINAL
    WHERE credited != balance + spent - refunded + returned
        OR balance < 0
        OR incentive_paid > incentive_due
        OR clawback_repaid > clawback_ordered
)
WHERE broken.4 = 1
UNION ALL
SELECT
    sums.1 AS law,
    subject,
    sums.2 AS found,
    sums.3 AS expected
FROM
(
    SELECT
        concat('wallet ', beneficiary_id) AS subject,
        arrayJoin([
            ('credited = the sum of its effects in the journal', sum(wallet.1), sum(effect.1)),
            ('spent = the sum of its effects in the journal', sum(wallet.2), sum(effect.2)),
            ('refunded = the sum of its effects in the journal', sum(wallet.3), sum(effect.3)),
            ('returned = the sum of its effects in the journal', sum(wallet.4), sum(effect.4)),
            ('balance = the sum of its effects in the journal', sum(wallet.5),
                sum(effect.1) - sum(effect.2) + sum(effect.3) - sum(effect.4)),
            ('incentive_due = the sum of its effects in the journal', sum(wallet.6), sum(effect.5)),
            ('incentive_paid = the sum of its effects in the journal', sum(wallet.7), sum(effect.6)),
            ('clawback_ordered = the sum of its effects in the journal', sum(wallet.8), sum(effect.7)),
            ('clawback_repaid = the sum of its effects in the journal', sum(wallet.9), sum(effect.8))
        ]) AS sums
    FROM
    (
        SELECT
            beneficiary_id,
            (credited, spent, refunded, returned, balance, incentive_due, incentive_paid, clawback_ordered,
                clawback_repaid) AS wallet,
            (toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0)) AS effect
        FROM wallet_rows FINAL
        WHERE beneficiary_id NOT IN (SELECT beneficiary_id FROM in_flight)
        UNION ALL
        SELECT
            beneficiary_id,
            (toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0), toInt64(0),
                toInt64(0)) AS wallet,
            (credited_change, spent_change, refunded_change, returned_change, incentive_due_change,
                incentive_paid_change, clawback_ordered_change, clawback_repaid_change) AS effect
        FROM journal_rows FINAL
        PREWHERE outcome = 'accepted'
        WHERE beneficiary_id NOT IN (SELECT beneficiary_id FROM in_flight)
    )
    GROUP BY beneficiary_id
    HAVING sum(wallet.1) != sum(effect.1)
        OR sum(wallet.2) != sum(effect.2)
        OR sum(wallet.3) != sum(effect.3)
        OR sum(wallet.4) != sum(effect.4)
        OR sum(wallet.5) != sum(effect.1) - sum(effect.2) + sum(effect.3) - sum(effect.4)
        OR sum(wallet.6) != sum(effect.5)
        OR sum(wallet.7) != sum(effect.6)
        OR sum(wallet.8) != sum(effect.7)
        OR sum(wallet.9) != sum(effect.8)
)
WHERE sums.2 != sums.3;
