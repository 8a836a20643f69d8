-- Each sale as the catalogue judges it: by the newest listing in force at the moment of the sale.
--   judgements  Any of: platform_not_active, course_not_listed, price_above_listed, price_above_outside, free_elsewhere,
--               same_owner.
CREATE VIEW sale_judgements AS
SELECT
    beneficiary_id,
    platform_id,
    order_id,
    course_id,
    institution_id,
    price,
    purchased_at,
    purchased_on,
    listed_price,
    outside_price,
    arrayFilter(
        judgement -> judgement != '',
        [
            if(ifNull(platform_status, '') != 'active', 'platform_not_active', ''),
            if(listed_price IS NULL, 'course_not_listed', ''),
            if(ifNull(price > listed_price, 0), 'price_above_listed', ''),
            if(ifNull(price > outside_price, 0), 'price_above_outside', ''),
            if(ifNull(free_elsewhere, '') = 'yes', 'free_elsewhere', ''),
            if(ifNull(owner_platform_id, '') = platform_id, 'same_owner', '')
        ]
    ) AS judgements
FROM sales;
