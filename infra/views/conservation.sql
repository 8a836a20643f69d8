-- Where the money of each wave and decree is: credited = net spent + returned + remaining.
--   wave            The wave.
--   decree          The decree.
--   wallets         How many people were credited.
--   total_credited  What was credited to them. In rupiah.
--   net_spent       What they spent and did not get back. In rupiah.
--   total_returned  What went back to the state. In rupiah.
--   remaining       What is left in their wallets. In rupiah.
--   difference      What is not accounted for: 0. In rupiah.
CREATE VIEW conservation AS
SELECT
    wave,
    decree,
    count() AS wallets,
    sum(credited) AS total_credited,
    sum(spent) - sum(refunded) AS net_spent,
    sum(returned) AS total_returned,
    sum(balance) AS remaining,
    total_credited - net_spent - total_returned - remaining AS difference
FROM wallet_rows FINAL
GROUP BY wave, decree;
