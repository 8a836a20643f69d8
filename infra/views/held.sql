-- The doubtful orders for which a person's incentive is held: their wallet is held, and they were completed with a flag
-- that holds, and not cleared.
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
    AND hasAny(flags, {doubtful})
    AND beneficiary_id IN (SELECT beneficiary_id FROM wallet_rows FINAL WHERE held != 0);
