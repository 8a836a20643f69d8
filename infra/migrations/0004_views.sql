-- What people query. Each view already holds FINAL, so it never shows a row twice, whatever was retried; times are
-- seconds in UTC here (`_us` beside them in the journal is exact), what is absent is Null.
CREATE VIEW journal AS
SELECT
    partition,
    offset,
    toDateTime(intDiv(recorded_at_us, 1000000), 'UTC') AS recorded_at,
    recorded_at_us,
    type,
    event_id,
    beneficiary_id,
    if(occurred_at_us = 0, NULL, toDateTime(intDiv(occurred_at_us, 1000000), 'UTC')) AS occurred_at,
    occurred_at_us,
    publisher_id,
    credit_id,
    decree,
    wave,
    amount,
    platform_id,
    order_id,
    course_id,
    institution_id,
    price,
    commission,
    stated_reason,
    session,
    present,
    nullIf(certificate_id, '') AS certificate_id,
    score,
    if(type = 'CourseReviewed', rating, NULL) AS rating,
    officer_id,
    note,
    survey_no,
    payout_id,
    channel,
    sanction,
    clawback_id,
    repayment_id,
    outcome,
    reason,
    arrayFilter(
        flag -> flag != '',
        [
            if(bitAnd(flag_bits, 1) != 0, 'commission_above_cap', ''),
            if(bitAnd(flag_bits, 2) != 0, 'completed_without_redemption', ''),
            if(bitAnd(flag_bits, 4) != 0, 'completed_without_attendance', ''),
            if(bitAnd(flag_bits, 8) != 0, 'completed_too_fast', '')
        ]
    ) AS flags,
    credited_change,
    spent_change,
    refunded_change,
    returned_change,
    incentive_due_change,
    incentive_paid_change,
    clawback_ordered_change,
    clawback_repaid_change,
    rules_after,
    wave_after,
    decree_after,
    status_after,
    credits_after,
    credited_after,
    spent_after,
    refunded_after,
    returned_after,
    balance_after,
    if(first_purchase_due_after_us = 0, NULL, toDateTime(intDiv(first_purchase_due_after_us, 1000000), 'UTC')) AS first_purchase_due_after,
    first_purchase_due_after_us,
    if(spend_by_after_us = 0, NULL, toDateTime(intDiv(spend_by_after_us, 1000000), 'UTC')) AS spend_by_after,
    spend_by_after_us,
    purchases_after,
    open_orders_after,
    entitled_after,
    held_after,
    incentive_due_after,
    incentive_paid_after,
    payout_failures_after,
    surveys_after,
    clawback_ordered_after,
    clawback_repaid_after,
    order_course_id,
    order_institution_id,
    order_price,
    order_commission,
    if(order_purchased_at_us = 0, NULL, toDateTime(intDiv(order_purchased_at_us, 1000000), 'UTC')) AS order_purchased_at,
    order_purchased_at_us,
    if(order_redeemed_at_us = 0, NULL, toDateTime(intDiv(order_redeemed_at_us, 1000000), 'UTC')) AS order_redeemed_at,
    order_redeemed_at_us,
    order_sessions,
    order_attended,
    if(order_completed_at_us = 0, NULL, toDateTime(intDiv(order_completed_at_us, 1000000), 'UTC')) AS order_completed_at,
    order_completed_at_us,
    nullIf(order_certificate_id, '') AS order_certificate_id,
    order_score,
    if(order_reviewed_at_us = 0, NULL, toDateTime(intDiv(order_reviewed_at_us, 1000000), 'UTC')) AS order_reviewed_at,
    order_reviewed_at_us,
    nullIf(order_rating, 0) AS order_rating,
    order_refunded,
    arrayFilter(
        flag -> flag != '',
        [
            if(bitAnd(order_flag_bits, 1) != 0, 'commission_above_cap', ''),
            if(bitAnd(order_flag_bits, 2) != 0, 'completed_without_redemption', ''),
            if(bitAnd(order_flag_bits, 4) != 0, 'completed_without_attendance', ''),
            if(bitAnd(order_flag_bits, 8) != 0, 'completed_too_fast', '')
        ]
    ) AS order_flags,
    order_cleared
FROM journal_rows FINAL;

CREATE VIEW wallets AS
SELECT
    beneficiary_id,
    rules,
    wave,
    decree,
    status,
    credits,
    credited,
    spent,
    refunded,
    returned,
    balance,
    toDateTime(intDiv(first_purchase_due_us, 1000000), 'UTC') AS first_purchase_due,
    toDateTime(intDiv(spend_by_us, 1000000), 'UTC') AS spend_by,
    purchases,
    open_orders,
    entitled,
    held,
    incentive_due,
    incentive_paid,
    payout_failures,
    surveys,
    clawback_ordered,
    clawback_repaid
FROM wallet_rows FINAL;

CREATE VIEW orders AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
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
    score,
    if(reviewed_at_us = 0, NULL, toDateTime(intDiv(reviewed_at_us, 1000000), 'UTC')) AS reviewed_at,
    nullIf(rating, 0) AS rating,
    refunded,
    arrayFilter(
        flag -> flag != '',
        [
            if(bitAnd(flag_bits, 1) != 0, 'commission_above_cap', ''),
            if(bitAnd(flag_bits, 2) != 0, 'completed_without_redemption', ''),
            if(bitAnd(flag_bits, 4) != 0, 'completed_without_attendance', ''),
            if(bitAnd(flag_bits, 8) != 0, 'completed_too_fast', '')
        ]
    ) AS flags,
    cleared
FROM order_rows FINAL;

CREATE VIEW rejections AS
SELECT
    partition,
    offset,
    toDateTime(intDiv(recorded_at_us, 1000000), 'UTC') AS recorded_at,
    toDateTime(intDiv(occurred_at_us, 1000000), 'UTC') AS occurred_at,
    publisher_id,
    type,
    event_id,
    beneficiary_id,
    platform_id,
    order_id,
    reason,
    if(price != 0, price, amount) AS amount
FROM journal_rows FINAL
PREWHERE outcome = 'rejected';

CREATE VIEW dead_letters AS
SELECT
    topic,
    partition,
    offset,
    toDateTime(intDiv(recorded_at_us, 1000000), 'UTC') AS recorded_at,
    error,
    message,
    key,
    value
FROM dead_letter_rows FINAL;

CREATE VIEW checkpoints AS
SELECT
    cluster_id,
    topic,
    partition,
    first_offset,
    next_offset,
    rows,
    total_rows,
    digest,
    fold_version,
    rules_digest,
    toDateTime(intDiv(recorded_at_us, 1000000), 'UTC') AS recorded_at
FROM checkpoint_rows FINAL
WHERE rows > 0
ORDER BY topic, partition, next_offset DESC
LIMIT 1 BY topic, partition;
