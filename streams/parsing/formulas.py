"""Texts in CSV that people open in a spreadsheet, which takes some of them for formulas and runs them.

After OWASP's advice on CSV injection: an apostrophe goes before a text that begins with = + - @, a tab or a line break,
which spreadsheets then show as it is. One goes before an apostrophe, too: so taking one away gives every text back. The
same holds behind a semicolon, at which Excel cuts lines in Indonesia's settings, quotes or not.
"""

import re
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

_RISKY: Final = r"(^|;)(['=+\-@\t\r\n＝＋－＠])"
_GUARDED: Final = re.compile(r"(^|;)'")


def guarded(texts: pa.Array) -> pa.Array:
    """The texts as they may be in such a file."""
    return pc.replace_substring_regex(texts, _RISKY, r"\1'\2")


def unguarded(text: str) -> str:
    """The text that `guarded` was given.

    >>> unguarded("'=1+1"), unguarded(guarded(pa.array(["'a;-b"]))[0].as_py())
    ('=1+1', "'a;-b")
    """
    return _GUARDED.sub(r"\1", text)


def guarded_table(table: pa.Table) -> pa.Table:
    """A table whose texts may be in such a file."""
    for at, field in enumerate(table.schema):
        if pa.types.is_string(field.type):
            table = table.set_column(at, field.name, guarded(table[field.name]))
    return table
