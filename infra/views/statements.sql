-- Statements: a party's settlement for some days, closed when it is issued.
--   from_day  The first day, in Asia/Jakarta.
--   to_day    The last day, in Asia/Jakarta.
CREATE VIEW statements AS
SELECT
    statement_id,
    party,
    party_id,
    number,
    {day from_day},
    {day to_day},
    {moment issued_at_us AS issued_at},
    issued_at_us,
    upto,
    lines,
    sales,
    sold,
    refunds,
    refunded,
    commission,
    commission_returned,
    net_to_institution
FROM statement_rows FINAL
ORDER BY party, party_id, number, issued_at_us, statement_id
LIMIT 1 BY party, party_id, number;
