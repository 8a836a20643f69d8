"""What a proposal of a mapping goes by: the words of headers, and how numbers and days are usually written."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dompet.streams.parsing.numbers import Notation

ROLES: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "order_id": ("order", "pesanan", "invoice", "faktur", "inv", "transaksi", "transaction", "referensi",
                     "reference", "ref", "berita", "keterangan", "description"),
        "refund_amount": ("debit", "debet", "keluar", "withdrawal", "refund amount", "pengembalian"),
        "amount": ("credit", "kredit", "amount", "jumlah", "nominal", "paid", "bayar", "masuk", "deposit", "harga",
                   "price", "nilai", "total"),
        "date": ("date", "tanggal", "tgl", "day", "hari", "waktu", "time"),
        "beneficiary_id": ("beneficiary", "peserta", "penerima"),
        "refund_column": ("db/cr", "dbcr", "d/k", "d/c", "type", "kind", "jenis", "tipe", "mutasi"),
    }
)  # fmt: skip
"""The words in the names of columns, the likeliest first; a column has the first of these roles that fits."""

REFUNDS: Final = frozenset(
    (
        "refund",
        "refunded",
        "retur",
        "pengembalian",
        "dikembalikan",
        "batal",
        "db",
        "d",
        "dr",
        "debit",
        "debet",
        "reversal",
    )
)
SALES: Final = frozenset(
    ("sale", "sold", "purchase", "pembelian", "penjualan", "cr", "c", "k", "kr", "credit", "kredit")
)
"""The words that say of a line, or beside an amount, that it is a refund or a sale."""

NOTATIONS: Final = (
    Notation(),
    Notation(",", "."),
    Notation(".", ","),
    Notation(",", " "),
    Notation(".", " "),
    Notation(".", "'"),
)
DATE_FORMATS: Final = (
    *("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y", "%d.%m.%Y", "%Y/%m/%d", "%Y%m%d", "%d%m%Y"),
    *("%d/%m/%y", "%m/%d/%y", "%d-%m-%y", "%d %b %Y", "%d-%b-%Y", "%d-%b-%y", "%b %d, %Y", "%A, %d %b %Y"),
)
TIMES: Final = ("", " %H:%M", " %H:%M:%S", " %H.%M", " %I:%M %p", " %I:%M:%S %p", ", %H:%M")
TOTALS: Final = r"(?i)^\W*(grand |sub)?(total|jumlah|saldo|balance)\b"
"""A cell of a line that adds up the others."""
