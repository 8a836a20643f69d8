"""What the pages have in common: the menu, and what filters are called."""

from typing import Final

from dompet.streams.access.roles import LETTERS, PERSONS, PUBLISHERS, SUMS

MENU: Final = (
    ("/", "Programme", SUMS),
    ("/platforms", "Platforms", SUMS),
    ("/institutions", "Institutions", SUMS),
    ("/catalogue", "Catalogue", SUMS),
    ("/exceptions", "Exceptions", SUMS),
    ("/rejections", "Rejections", LETTERS | PUBLISHERS),
    ("/dead-letters", "Dead letters", LETTERS),
    ("/settlement", "Settlement", SUMS | PUBLISHERS),
    ("/reconcile", "Reconciliation", PERSONS),
    ("/pipeline", "Pipeline", SUMS),
)
"""What there is to open, and for whom."""
LABELS: Final = {
    "platform": "Platform", "institution": "Institution", "course": "Course", "category": "Category", "wave": "Wave",
    "decree": "Decree", "publisher": "Publisher", "person": "Person", "type": "Event", "outcome": "Outcome",
    "reason": "Reason", "state": "State", "step": "Reached", "flag": "Flag", "judgement": "The catalogue says",
    "status": "Status", "age": "Outstanding for", "pattern": "Pattern", "statement": "Statement", "run": "Run",
    "by": "By", "grain": "Time by", "only": "Only", "from": "From", "to": "To", "as_of": "As of",
    "known_at": "As known at",
}  # fmt: skip
"""By a filter's name."""
