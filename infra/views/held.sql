-- What waits for an officer: the doubtful orders that hold a person's incentive. Each was completed with a flag that
-- holds it, and reviewed where the person's rules want that, and is not cleared; nothing else entitled the person, who
-- is neither revoked nor blacklisted.
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
    completed_on,
    reviewed_at,
    reviewed_on,
    flags
FROM order_history
WHERE cleared_at IS NULL
    AND completed_at IS NOT NULL
    AND hasAny(flags, {doubtful})
    AND beneficiary_id IN
    (
        SELECT beneficiary_id
        FROM wallet_rows FINAL
        WHERE held != 0 AND status != 'revoked' AND status != 'blacklisted'
    )
    -- Where no review is wanted, it was a completion that made the wallet held.
    AND
    (
        reviewed_at IS NOT NULL
        OR beneficiary_id IN
        (
            SELECT beneficiary_id
            FROM journal_rows
            PREWHERE held_after = 1 AND outcome = 'accepted'
            GROUP BY beneficiary_id
            HAVING argMin(type, offset) = 'CourseCompleted'
        )
    );
