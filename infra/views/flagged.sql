-- Orders that carry flags, whether cleared or not.
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
    completed_on,
    flags,
    cleared_at,
    cleared_on,
    cleared_by
FROM order_history
WHERE length(flags) != 0;
