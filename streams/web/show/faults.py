"""What goes wrong, in the reader's language: sentences of other rooms are English, and known by their form."""

import re
from functools import cache
from typing import Final

from dompet.streams.web.show.language import Language

FAULTS: Final[dict[str, str]] = {
    "--from %(first)s is after --to %(last)s": "The first day, %(first)s, is after the last day, %(last)s.",
    "--from %(day)s is no day from %(low)s to %(high)s, written as 2020-04-30":
        "The first day is %(day)s: it must be a day from %(low)s to %(high)s, written as 2020-04-30.",
    "--to %(day)s is no day from %(low)s to %(high)s, written as 2020-04-30":
        "The last day is %(day)s: it must be a day from %(low)s to %(high)s, written as 2020-04-30.",
    "%(day)s is not over in Asia/Jakarta: a period is closed after its last day":
        "%(day)s is not over in Asia/Jakarta: a period is closed after its last day.",
    "%(party)s: statement %(number)s has closed %(first)s to %(last)s; what came later is in the next statement":
        "Statement %(number)s of %(party)s has closed %(first)s to %(last)s; what came later is in the next statement.",
    "%(party)s: another statement was issued meanwhile: try again":
        "Another statement of %(party)s was issued meanwhile: load the page again.",
    "%(party)s: another statement was issued at the same moment: try again":
        "Another statement of %(party)s was issued at the same moment: load the page again.",
    "a settlement is for one party: name a platform or an institution, not both":
        "A settlement is for one party: name a platform or an institution, not both.",
    "choose the statement's file: CSV, as the mapping says": "Choose the file of the statement.",
    "the statement is larger than %(size)s MB: `dompet reconcile` takes it":
        "The statement is larger than %(size)s MB: the command `dompet reconcile` takes it.",
    "what was sent is longer than %(size)s MB":
        "What was sent is longer than the %(size)s MB that are taken here. Nothing was done with it.",
    "the form cannot be read: %(why)s": "The form cannot be read, so nothing was done: load its page again.",
    "say of which platform the statement is": "Say of which platform the statement is.",
    "no Kafka is set, and none runs here": "No Kafka runs here, so nobody knows which workers there are.",
    "no Kafka is set, and none runs here: `dompet broker` starts one":
        "The log cannot be written to now: no Kafka runs here. Nothing was published.",
    "%(file)s:%(line)s: has no column %(column)s; its columns are %(columns)s":
        "%(file)s, line %(line)s: there is no column %(column)s; the columns are %(columns)s.",
    "%(file)s:%(line)s: the file is %(kind)s": "%(file)s cannot be read as a table: it is %(kind)s.",
    "%(file)s:%(line)s: no order id in column %(column)s": "%(file)s, line %(line)s: column %(column)s is empty.",
    "%(file)s:%(line)s: amount %(amount)s is no whole number of rupiah":
        "%(file)s, line %(line)s: the amount %(amount)s is no whole number of rupiah.",
    "%(file)s:%(line)s: amount %(amount)s is below zero, and is no refund":
        "%(file)s, line %(line)s: the amount %(amount)s is below zero, and the mapping does not call it a refund.",
    "%(file)s:%(line)s: there is no row in which to look for columns":
        "%(file)s is empty: it has no row with headings.",
    "the mapping has no table [%(table)s], which says how the %(role)s file is to be read":
        "The mapping has no table [%(table)s], which says how the file is to be read.",
    "mapping.toml:%(line)s: %(what)s": "Line %(line)s of the mapping: %(what)s",
    "no %(kind)s %(name)s is known, by any event or the catalogue%(near)s":
        "Nobody of the name %(name)s is known, by any event or by the catalogue.",
    "there is nothing at %(path)s": "There is no page at %(path)s.",
    "this address takes another method": "This address takes another method.",
    "there is no list %(name)s": "There is no list %(name)s.",
    "there is no dead letter at %(place)s": "There is no dead letter at %(place)s.",
    "%(text)s is no record's place: it must be PARTITION:OFFSET, such as 3:1702":
        "%(text)s is no record's place: it must be PARTITION:OFFSET, such as 3:1702.",
    "no event of %(name)s is known": "No event of %(name)s is known.",
    "no event is known at this place of the log": "No event is known at this place of the log.",
    "say of which person: ?person=…": "Say of which person: find them by the field above.",
    "say which: a filter such as reason=unknown_order": "Fill in at least one filter.",
    "the cursor is none that an answer gave": "This page of the list is not there: begin at its first page.",
    "the cursor is none that an answer of this question gave":
        "This page of the list is not there: begin at its first page.",
    "%(name)s may not see this: it takes the role %(role)s": "%(name)s may not see this: it takes the role %(role)s.",
    "%(name)s may not see single persons: it takes the role officer":
        "%(name)s may not see single persons: it takes the role officer.",
    "%(name)s may not issue statements: it takes the role officer":
        "%(name)s may not issue statements: it takes the role officer.",
    "%(name)s may see only what is of %(party)s": "%(name)s may see only what is of %(party)s.",
    "%(name)s has no entry: `dompet access add` makes one":
        "%(name)s has no entry: the administrator makes one with `dompet access add`.",
    "sign in first": "Sign in first.",
    "the form comes from another site": "The form comes from another site, so nothing was done.",
    "the form is too old: load its page again, and send it once more":
        "The form is too old: load its page again, and send it once more.",
    "no pages are served under the name %(name)s": "No pages are served under the name %(name)s.",
    "there are no pages in that language": "There are no pages in that language.",
    "too many questions wait for the warehouse": "Too many people ask at this moment: try again in a few seconds.",
    "you ask more at a time than is answered: wait for what was asked before":
        "You ask more at a time than is answered: wait for what was asked before.",
    "the warehouse did not answer within %(s)s s":
        "The warehouse did not answer within %(s)s seconds: choose a shorter period, or try again later.",
    "the answer takes more memory or rows than one question may: narrow the filters":
        "The answer would be too large: narrow the filters, or choose a shorter period.",
    "a fault of dompet's own; the log says more": "This is a fault of the program; its log says more.",
    "there is no warehouse at %(folder)s yet: `dompet demo` or `dompet migrate` makes one":
        "There is no warehouse yet: `dompet demo` or `dompet migrate` makes one.",
    "no engine holds the embedded warehouse at %(folder)s": "The warehouse's engine does not run at this moment.",
    "ClickHouse at %(place)s cannot be reached: %(why)s":
        "The warehouse at %(place)s cannot be reached at this moment.",
    "the warehouse lacks tables: `dompet migrate` makes them, and so does a worker at its start":
        "The warehouse lacks tables: `dompet migrate` makes them, and so does a worker at its start.",
}  # fmt: skip
"""By how a sentence is raised, how it is said on a page; names in `%(…)s` are placeholders."""


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_pattern(raised), said) for raised, said in FAULTS.items())


def _pattern(raised: str) -> re.Pattern[str]:
    parts = re.split(r"%\((\w+)\)s", raised)
    made = (f"(?P<{part}>.*?)" if at % 2 else re.escape(part) for at, part in enumerate(parts))
    return re.compile("".join(made), re.DOTALL)


def fault(language: Language, sentence: str) -> tuple[str, str]:
    """The sentence as the reader has it, and its language: English where its form is not known."""
    for pattern, said in _patterns():
        if found := pattern.fullmatch(sentence):
            return language.text(said, **found.groupdict()), language.code
    return sentence, "en"
