-- Answers: what auditors, officers and publishers ask, as views over the journal, wallets and orders. As in the other
-- views, times are seconds in UTC, amounts whole rupiah, what is absent is Null, and no row shows twice. Names that
-- joins and unions bring together are Strings here: the oldest servers join no LowCardinality.

-- timeline: a row for each event of a person, in the log's order by offset. `amount` is a purchase's price or the
-- amount of what has one; `balance_change` is what the event did to the balance, `…_after` the state it left.
CREATE VIEW timeline AS
SELECT
    beneficiary_id,
    partition,
    offset,
    toDateTime(intDiv(occurred_at_us, 1000000), 'UTC') AS occurred_at,
    toDateTime(intDiv(recorded_at_us, 1000000), 'UTC') AS recorded_at,
    occurred_at_us,
    recorded_at_us,
    type,
    event_id,
    publisher_id,
    platform_id,
    order_id,
    if(price != 0, price, amount) AS amount,
    outcome,
    reason,
    credited_change - spent_change + refunded_change - returned_change AS balance_change,
    balance_after,
    incentive_due_change,
    incentive_paid_change,
    clawback_ordered_change,
    clawback_repaid_change,
    status_after
FROM journal_rows FINAL
PREWHERE outcome != 'dead';

-- order_history: an order's way from purchase to review, a row an order. `wave` and `decree` are its wallet's;
-- `cleared_by` is the officer. As of a day is a comparison of these times with it: each step has its own.
CREATE VIEW order_history AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
    wave,
    decree,
    multiIf(
        refunded != 0, 'refunded',
        reviewed_at_us != 0, 'reviewed',
        completed_at_us != 0, 'completed',
        redeemed_at_us != 0, 'redeemed',
        'purchased'
    ) AS state,
    course_id,
    institution_id,
    price,
    commission,
    toDateTime(intDiv(purchased_at_us, 1000000), 'UTC') AS purchased_at,
    if(redeemed_at_us = 0, NULL, toDateTime(intDiv(redeemed_at_us, 1000000), 'UTC')) AS redeemed_at,
    sessions,
    attended,
    if(completed_at_us = 0, NULL, toDateTime(intDiv(completed_at_us, 1000000), 'UTC')) AS completed_at,
    nullIf(certificate_id, '') AS certificate_id,
    if(reviewed_at_us = 0, NULL, toDateTime(intDiv(reviewed_at_us, 1000000), 'UTC')) AS reviewed_at,
    nullIf(rating, 0) AS rating,
    if(refunded_at_us = 0, NULL, toDateTime(intDiv(refunded_at_us, 1000000), 'UTC')) AS refunded_at,
    arrayFilter(
        flag -> flag != '',
        [
            if(bitAnd(flag_bits, 1) != 0, 'commission_above_cap', ''),
            if(bitAnd(flag_bits, 2) != 0, 'completed_without_redemption', ''),
            if(bitAnd(flag_bits, 4) != 0, 'completed_without_attendance', ''),
            if(bitAnd(flag_bits, 8) != 0, 'completed_too_fast', '')
        ]
    ) AS flags,
    if(cleared_at_us = 0, NULL, toDateTime(intDiv(cleared_at_us, 1000000), 'UTC')) AS cleared_at,
    nullIf(officer, '') AS cleared_by,
    nullIf(officers_note, '') AS clearing_note
FROM
(
    SELECT *
    FROM
    (
        SELECT
            beneficiary_id,
            CAST(platform_id AS String) AS platform_id,
            order_id,
            CAST(course_id AS String) AS course_id,
            CAST(institution_id AS String) AS institution_id,
            price,
            commission,
            purchased_at_us,
            redeemed_at_us,
            sessions,
            attended,
            completed_at_us,
            certificate_id,
            reviewed_at_us,
            rating,
            refunded,
            flag_bits
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
USING beneficiary_id, platform_id, order_id;

-- completion_times: whole minutes from purchase to completion, by platform and institution: half of the completions
-- took no longer than the median, one in ten no longer than `tenth`, nine in ten no longer than `ninetieth`.
CREATE VIEW completion_times AS
SELECT
    platform_id,
    institution_id,
    count() AS completed,
    min(minutes) AS shortest,
    quantileExact(0.1)(minutes) AS tenth,
    quantileExact(0.5)(minutes) AS median,
    quantileExact(0.9)(minutes) AS ninetieth,
    max(minutes) AS longest
FROM
(
    SELECT platform_id, institution_id, intDiv(completed_at_us - purchased_at_us, 60000000) AS minutes
    FROM order_rows FINAL
    WHERE completed_at_us != 0
)
GROUP BY platform_id, institution_id;

-- unfinished: orders that are paid and neither refunded nor completed, now; `redeemed_at` is Null where it was not
-- even redeemed.
CREATE VIEW unfinished AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
    wave,
    decree,
    course_id,
    institution_id,
    price,
    purchased_at,
    redeemed_at
FROM order_history
WHERE state = 'purchased' OR state = 'redeemed';

-- flagged: orders that carry flags, whether cleared or not.
CREATE VIEW flagged AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
    wave,
    decree,
    course_id,
    institution_id,
    price,
    state,
    completed_at,
    flags,
    cleared_at,
    cleared_by
FROM order_history
WHERE length(flags) != 0;

-- held: the doubtful orders for which a person's incentive is held: their wallet is held, and they were completed
-- with a flag that holds, and not cleared.
CREATE VIEW held AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
    wave,
    decree,
    course_id,
    institution_id,
    price,
    completed_at,
    reviewed_at,
    flags
FROM order_history
WHERE cleared_at IS NULL
    AND completed_at IS NOT NULL
    AND (
        has(flags, 'completed_without_redemption')
        OR has(flags, 'completed_without_attendance')
        OR has(flags, 'completed_too_fast')
    )
    AND beneficiary_id IN (SELECT beneficiary_id FROM wallet_rows FINAL WHERE held != 0);

-- cleared: flagged orders that an officer cleared, with the officer's words.
CREATE VIEW cleared AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
    wave,
    decree,
    course_id,
    institution_id,
    price,
    completed_at,
    flags,
    cleared_at,
    cleared_by,
    clearing_note
FROM order_history
WHERE cleared_at IS NOT NULL;

-- conservation: where each wave's and decree's money is: credited = net_spent + returned + remaining, so `difference`
-- is 0.
CREATE VIEW conservation AS
SELECT
    wave,
    decree,
    count() AS wallets,
    sum(credited) AS total_credited,
    sum(spent) - sum(refunded) AS net_spent,
    sum(returned) AS total_returned,
    sum(balance) AS remaining,
    total_credited - net_spent - total_returned - remaining AS difference
FROM wallet_rows FINAL
GROUP BY wave, decree;

-- in_flight: people of whom the journal has rows that no checkpoint vouches for yet: a batch is being stored, the
-- journal first, wallets and orders after it. Whoever compares the two leaves them out.
CREATE VIEW in_flight AS
SELECT DISTINCT beneficiary_id
FROM
(
    SELECT partition, offset, beneficiary_id
    FROM journal_rows
) AS stored
ANY LEFT JOIN
(
    SELECT partition, next_offset
    FROM checkpoints
) AS vouched
USING partition
WHERE next_offset != 0 AND offset >= next_offset;

-- platform_spending: what each platform's orders cost the state, and the same by the journal's effects: the two agree.
-- People in flight are left out of both.
CREATE VIEW platform_spending AS
SELECT
    platform_id,
    sum(one) AS orders,
    sum(order_sold) AS sold,
    sum(order_refunded) AS refunded,
    sold - refunded AS net_spent,
    sum(effect_spent) AS journal_net_spent,
    net_spent - journal_net_spent AS difference
FROM
(
    SELECT
        CAST(platform_id AS String) AS platform_id,
        toInt64(1) AS one,
        price AS order_sold,
        if(refunded != 0, price, toInt64(0)) AS order_refunded,
        toInt64(0) AS effect_spent
    FROM order_rows FINAL
    WHERE beneficiary_id NOT IN (SELECT beneficiary_id FROM in_flight)
    UNION ALL
    SELECT
        CAST(platform_id AS String) AS platform_id,
        toInt64(0) AS one,
        toInt64(0) AS order_sold,
        toInt64(0) AS order_refunded,
        spent_change - refunded_change AS effect_spent
    FROM journal_rows FINAL
    PREWHERE outcome = 'accepted' AND platform_id != ''
    WHERE beneficiary_id NOT IN (SELECT beneficiary_id FROM in_flight)
)
GROUP BY platform_id;
