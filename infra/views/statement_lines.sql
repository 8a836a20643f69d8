-- The lines of statements: a row for each day, platform and institution.
--   day  The day in Asia/Jakarta.
CREATE VIEW statement_lines AS
SELECT
    statement_id,
    kind,
    {day day},
    platform_id,
    institution_id,
    sales,
    sold,
    refunds,
    refunded,
    commission,
    commission_returned,
    net_to_institution
FROM statement_line_rows FINAL
WHERE statement_id IN (SELECT statement_id FROM statements);
