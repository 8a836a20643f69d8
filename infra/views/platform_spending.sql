-- What each platform's orders cost the state, and the same by the journal's effects: the two agree. People in flight
-- are left out of both.
--   orders             How many orders were bought.
--   sold               What was paid for them. In rupiah.
--   refunded           What was paid back. In rupiah.
--   net_spent          sold - refunded. In rupiah.
--   journal_net_spent  The same by the journal's effects. In rupiah.
--   difference         What the two differ by: 0. In rupiah.
CREATE VIEW platform_spending AS
SELECT
    platform_id,
    sum(one) AS orders,
    sum(order_sold) AS sold,
    sum(order_refunded) AS refunded,
    sold - refunded AS net_spent,
    sum(effect_spent) AS journal_net_spent,
    net_spent - journal_net_spent AS difference
FROM
(
    SELECT
        CAST(platform_id AS String) AS platform_id,
        toInt64(1) AS one,
        price AS order_sold,
        if(refunded != 0, price, toInt64(0)) AS order_refunded,
        toInt64(0) AS effect_spent
    FROM order_rows FINAL
    WHERE beneficiary_id NOT IN (SELECT beneficiary_id FROM in_flight)
    UNION ALL
    SELECT
        CAST(platform_id AS String) AS platform_id,
        toInt64(0) AS one,
        toInt64(0) AS order_sold,
        toInt64(0) AS order_refunded,
        spent_change - refunded_change AS effect_spent
    FROM journal_rows FINAL
    PREWHERE outcome = 'accepted' AND platform_id != ''
    WHERE beneficiary_id NOT IN (SELECT beneficiary_id FROM in_flight)
)
GROUP BY platform_id;
