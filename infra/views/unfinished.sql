-- Orders that are paid and neither refunded nor completed, now.
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
    purchased_on,
    redeemed_at,
    redeemed_on
FROM order_history
WHERE state = 'purchased' OR state = 'redeemed';
