-- Every record of the log: the event, its outcome and reason, its effect on the money, and the wallet and the order
-- after it.
--   flags        The flags that this event raised.
--   order_flags  All flags raised on the order.
CREATE VIEW journal AS
SELECT
    {columns journal_rows}
FROM journal_rows FINAL;
