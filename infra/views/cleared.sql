-- Flagged orders that an officer cleared, with the officer's words.
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
    completed_on,
    flags,
    cleared_at,
    cleared_on,
    cleared_by,
    clearing_note
FROM order_history
WHERE cleared_at IS NOT NULL;
