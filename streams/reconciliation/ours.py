"""The journal's side: accepted sales and refunds of a platform and a period, partition by partition of the log."""

from collections.abc import Iterator
from typing import Any, Final

import pyarrow as pa

from dompet.streams.settlement.lines import Upto
from dompet.streams.settlement.period import Period
from dompet.streams.warehouse.client import WarehouseClient

SCHEMA: Final = pa.schema(
    [
        ("order_id", pa.string()),
        ("beneficiary_id", pa.string()),
        ("amount", pa.int64()),
        ("refund", pa.bool_()),
        ("partition", pa.int64()),
        ("offset", pa.int64()),
    ]
)
_ACCEPTED: Final = """
FROM journal_rows FINAL
PREWHERE partition = %(partition)s AND offset < %(upto)s AND outcome = 'accepted'
    AND (type = 'CoursePurchased' OR type = 'PurchaseRefunded') AND platform_id = %(platform)s
    AND occurred_at_us >= %(first_us)s AND occurred_at_us < %(end_us)s
"""
_LINES: Final = f"""
SELECT
    order_id,
    beneficiary_id,
    if(order_refunded = 1, -1, 1) * ({{amount}}) AS signed_amount,
    order_refunded,
    toInt64(partition) AS at,
    offset
{_ACCEPTED}
ORDER BY offset
"""
_MANY: Final = """
SELECT toInt64(count()) AS many FROM step_rows
WHERE platform_id = %(platform)s AND bitAnd(steps, 33) != 0
    AND day >= toDate(toUInt16(%(first_day)s)) AND day <= toDate(toUInt16(%(last_day)s))
"""
_TAKEN: Final = """
SELECT order_id, beneficiary_id FROM order_rows FINAL
WHERE platform_id = %(platform)s AND (redeemed_at_us != 0 OR attended != 0)
    AND purchased_at_us >= %(first_us)s AND purchased_at_us < %(end_us)s
    AND cityHash64(order_id) %% %(pieces)s = %(piece)s
"""
_AMOUNT: Final = {"price": "order_price", "net": "order_price - order_commission"}


def our_lines(client: WarehouseClient, platform: str, period: Period, upto: Upto, amount_is: str) -> Iterator[pa.Table]:
    """Our lines, as far as the journal was known; the amount of a refund is below zero."""
    sql = _LINES.format(amount=_AMOUNT[amount_is])
    for partition, end in enumerate(upto):
        params = {"partition": partition, "upto": end, "platform": platform, **period.micros}
        found = client.read(sql, params)
        if found.num_rows:
            yield found.rename_columns(SCHEMA.names).cast(SCHEMA)


def how_many(client: WarehouseClient, platform: str, period: Period) -> int:
    """About how many lines there are, of which some may be counted twice."""
    return int(client.read(_MANY, {"platform": platform, **period.numbers})["many"][0].as_py())


def taken(client: WarehouseClient, platform: str, period: Period, pieces: int) -> Iterator[pa.Table]:
    """The orders bought in the period that were redeemed, or attended, by now."""
    for piece in range(pieces):
        params: dict[str, Any] = {"platform": platform, "pieces": pieces, "piece": piece, **period.micros}
        found = client.read(_TAKEN, params)
        if found.num_rows:
            yield found
