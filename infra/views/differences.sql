-- Whatever is not as it must be; no row where all is right. People in flight are left out where wallets and orders are
-- compared with the journal.
--   law       What must hold.
--   subject   Of what: a wave and decree, a platform, a person.
--   found     The left side of the law. In rupiah.
--   expected  The right side of the law. In rupiah.
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
