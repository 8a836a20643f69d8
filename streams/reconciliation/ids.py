"""What nobody would see in ids: blanks at their ends, and the marks by which Excel holds a text."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from dompet.streams.parsing.blanks import BLANKS, at_ends
from dompet.streams.parsing.texts import shown
from dompet.streams.terminal.figures import plural

_EXCEL: Final = "^(?:'|=\")"


def trimmed(rows: pa.Table) -> pa.Table:
    """Rows whose ids have no blanks at their ends."""
    for name in ("order_id", "beneficiary_id"):
        rows = rows.set_column(rows.column_names.index(name), name, pc.utf8_trim(rows[name], BLANKS))
    return rows


class SeenIds:
    """Ids of one side, which are matched as they are: what is seen in them is said."""

    def __init__(self, whose: str) -> None:
        self._whose = whose
        self._blank = self._excel = 0
        self._first_blank = self._first_excel = ""
        self._characters: set[str] = set()

    def look(self, ids: pa.Array, place: Callable[[int], str]) -> None:
        """Look at some ids; `place` says where one is, by its number from 0."""
        blank = np.flatnonzero(pc.not_equal(pc.utf8_trim(ids, BLANKS), ids).to_numpy(zero_copy_only=False))
        excel = np.flatnonzero(pc.match_substring_regex(ids, _EXCEL).to_numpy(zero_copy_only=False))
        for at in blank.tolist():
            self._characters.update(at_ends(ids[at].as_py()))
            self._first_blank = self._first_blank or f"{shown(ids[at].as_py())} {place(at)}"
        for at in excel[:1].tolist():
            self._first_excel = self._first_excel or f"{shown(ids[at].as_py())} {place(at)}"
        self._blank += len(blank)
        self._excel += len(excel)

    def sentences(self) -> Iterator[str]:
        """What is to be said of them; nothing where they are as usual."""
        if self._blank:
            ends = "begins or ends" if self._blank == 1 else "begin or end"
            which = ", ".join(sorted(self._characters))
            yield (
                f"{plural(self._blank, 'id')} {self._whose} {ends} with blanks ({which}), first {self._first_blank}: "
                "matched as they are; trim = true leaves them out on both sides"
            )
        if self._excel:
            look = "looks" if self._excel == 1 else "look"
            yield (
                f"{plural(self._excel, 'id')} {self._whose} {look} like Excel's texts, first {self._first_excel}: "
                "matched as they are; excel_text = true reads what is within"
            )
