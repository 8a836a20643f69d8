"""What the rules make of an export's events by themselves, as though the log held nothing else."""

from collections import Counter
from typing import Final

import numpy as np

from dompet.projections.fold import Fold
from dompet.projections.vocabulary import Verdict
from dompet.schemas.decode import decode
from dompet.schemas.encode_lines import encode_lines
from dompet.schemas.limits import TIME_US_MIN
from dompet.schemas.records import RawColumn, Records
from dompet.schemas.rules import Rulebook
from dompet.streams.importer.spool import Spool
from dompet.streams.publish.blocks import LINE_BYTES_MAX
from dompet.streams.terminal.figures import count, plural

_AT_ONCE: Final = 20_000
_TAKEN: Final = (Verdict.ACCEPTED.name, Verdict.DUPLICATE.name)
_CERTAIN: Final = ("NO_RULES", "NOT_AUTHORISED", "INVALID_")
"""Reasons, or how they begin, that no other event of the log can fix."""


def all_rejected(spool: Spool, rulebook: Rulebook) -> str:
    """A sentence where the rules reject every event, some of them whatever the log holds; else an empty text."""
    verdicts = _verdicts(spool, rulebook)
    certain = any(name.startswith(_CERTAIN) for name in verdicts)
    if not certain or any(verdicts[name] for name in _TAKEN):
        return ""
    reasons = ", ".join(f"{count(many)} {name.lower()}" for name, many in verdicts.most_common())
    first = rulebook.rules[0].from_day
    return (
        f"all {plural(spool.tally.total, 'event')} would be rejected, unless the log holds what they need: {reasons}; "
        f"the rules begin on {first}: is it these that are meant (--rules)?"
    )


def _verdicts(spool: Spool, rulebook: Rulebook) -> Counter[str]:
    """How many events end in each way, up to the first batch that has one which is not rejected."""
    fold, found, done = Fold(rulebook), Counter[str](), 0
    while lines := [line for _, line in spool.lines(done, _AT_ONCE)]:
        verdict = fold.apply(decode(_records(lines, done))).verdict
        done += len(lines)
        for code, many in zip(*np.unique(verdict, return_counts=True), strict=True):
            found[Verdict(int(code)).name] += int(many)
        if any(found[name] for name in _TAKEN):
            break
    return found


def _records(lines: list[str], first: int) -> Records:
    """The events as though they were all that one partition holds, from an offset on."""
    encoded = encode_lines("\n".join(lines).encode(), 0, LINE_BYTES_MAX).encoded
    offset = np.arange(first, first + len(encoded), dtype=np.int64)
    place = np.zeros(len(encoded), dtype=np.int32), offset, np.full(len(encoded), TIME_US_MIN, dtype=np.int64)
    return Records(*place, RawColumn(encoded.keys), RawColumn(encoded.values), 1)
