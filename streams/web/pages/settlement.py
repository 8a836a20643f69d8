"""Settling a period in the browser: what a party sold and is owed, issued as a statement, and downloaded."""

import asyncio
from typing import Any, Final

import pyarrow as pa
from starlette.responses import Response

from dompet.schemas.errors import DompetError
from dompet.streams.access.roles import PERSONS
from dompet.streams.settlement.lines import NUMBERS, Party, sums
from dompet.streams.settlement.period import Period, now_us
from dompet.streams.settlement.statements import Settlement, check_issuable, issue, settle
from dompet.streams.web.core.guard import Refused
from dompet.streams.web.core.panel import LIST_ROWS, Wanted, panel
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.cells import address

_NAMES: Final = ("platform", "institution", "from", "to")
_SHOWN: Final = ("party", "party_id", "number", "from_day", "to_day", "issued_at", "lines", "sold", "refunded",
                 "net_to_institution", "statement_id")  # fmt: skip


async def settlement(visit: Visit) -> Response:
    """The form, what it would settle, and the statements that were issued."""
    return await _page(visit, {name: visit.given.get(name, "").strip() for name in _NAMES}, "")


async def issue_statement(visit: Visit) -> Response:
    """Issue a statement, which closes its period."""
    if not visit.who.may(PERSONS):
        raise Refused(403, f"{visit.who.name} may not issue statements: it takes the role officer")
    form = await visit.request.form()
    typed = {name: str(form.get(name, "")).strip() for name in _NAMES}

    try:
        party, period = _party(typed), Period.parsed(typed["from"], typed["to"])
        await visit.asker.run(lambda client: issue(client, settle(client, party, period), now_us()))
    except DompetError as error:
        return await _page(visit, typed, str(error))
    visit.asker.forget()
    return Response(status_code=303, headers={"Location": address("/settlement", {**typed, "issued": "yes"})})


def _party(typed: dict[str, str]) -> Party:
    if bool(typed["platform"]) == bool(typed["institution"]):
        raise DompetError("a settlement is for one party: name a platform or an institution, not both")
    party = Party("platform", typed["platform"]) if typed["platform"] else Party("institution", typed["institution"])
    party.check()
    return party


async def _page(visit: Visit, typed: dict[str, str], wrong: str) -> Response:
    found: Settlement | None = None
    closed = ""
    if any(typed[name] for name in ("from", "to")):
        try:
            party, period = _party(typed), Period.parsed(typed["from"], typed["to"])
            found = await visit.asker.run(lambda client: settle(client, party, period))
            closed = _closed(found)
        except DompetError as error:
            wrong = wrong or str(error)
    visit.given = {name: typed[name] for name in ("platform", "institution")} | {
        name: text for name, text in visit.given.items() if name in ("issued",)
    }
    issued = await panel(
        visit,
        Wanted("statements", "Statements issued", columns=_SHOWN, summed=False, empty="No statement was issued yet."),
    )
    visit.status = 400 if wrong else 200
    lines = _grouped(found) if found else []
    return visit.page(
        "settlement.html",
        typed=typed,
        wrong=wrong,
        found=found,
        closed=closed,
        lines=lines[:LIST_ROWS],
        cut=len(lines) > LIST_ROWS,
        total=sums(found.lines) if found else {},
        late=sums(found.adjustments) if found else {},
        numbers=NUMBERS,
        issued=issued,
        may_issue=visit.who.may(PERSONS),
    )


def _closed(found: Settlement) -> str:
    """Why the statement cannot be issued; empty where it can."""
    try:
        check_issuable(found, now_us())
    except DompetError as error:
        return str(error)
    return ""


def _grouped(found: Settlement) -> list[dict[str, Any]]:
    """A line for each party on the other side, those that are owed most first."""
    other = "institution_id" if found.party.kind == "platform" else "platform_id"
    if not len(found.lines):
        return []
    grouped = found.lines.group_by(other).aggregate([(name, "sum") for name in NUMBERS])
    rows = grouped.sort_by([("net_to_institution_sum", "descending"), (other, "ascending")]).to_pylist()
    return [{"name": row[other], **{name: row[f"{name}_sum"] for name in NUMBERS}} for row in rows]


async def download(visit: Visit) -> Response:
    """The lines of a period, as a file: CSV or Parquet."""
    typed = {name: visit.given.get(name, "").strip() for name in _NAMES}
    try:
        party, period = _party(typed), Period.parsed(typed["from"], typed["to"])
    except DompetError as error:
        raise Refused(400, str(error)) from None
    found = await visit.asker.run(lambda client: settle(client, party, period))
    suffix = ".parquet" if visit.given.get("format") == "parquet" else ".csv"
    content = await asyncio.to_thread(_file, found.lines, suffix)
    name = f"settlement-{party.kind}-{period.first}-{period.last}{suffix}"
    kind = "text/csv; charset=utf-8" if suffix == ".csv" else "application/vnd.apache.parquet"
    return Response(content, headers={"Content-Disposition": f'attachment; filename="{name}"'}, media_type=kind)


def _file(lines: pa.Table, suffix: str) -> bytes:
    import tempfile
    from pathlib import Path

    from dompet.streams.settlement.files import written

    with tempfile.TemporaryDirectory(prefix="dompet-settlement-") as folder:
        path = Path(folder) / f"lines{suffix}"
        with written(path, lines):
            pass
        return path.read_bytes()
