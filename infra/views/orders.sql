-- Every order and how far it has come.
--   state  The first that holds of: refunded, reviewed, completed, redeemed, purchased.
--   flags  All flags raised on the order.
CREATE VIEW orders AS
SELECT
    {keys order_rows},
    state,
    {columns order_rows}
FROM
(
    SELECT *, {state} AS state
    FROM order_rows FINAL
);
