"""Reconciliation in the browser: a statement and a mapping are uploaded, the run and its lines are shown."""

import asyncio
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from starlette.datastructures import UploadFile
from starlette.responses import Response

from dompet.schemas.errors import DompetError
from dompet.streams.reconciliation.mapping import read_mapping
from dompet.streams.reconciliation.model import Run
from dompet.streams.reconciliation.reading import StatementFile
from dompet.streams.reconciliation.run import reconcile
from dompet.streams.settlement.period import Period, now_us
from dompet.streams.web.core.panel import Wanted, panel
from dompet.streams.web.core.visit import Visit
from dompet.streams.web.show.cells import address

STATEMENT_BYTES: Final = 256 << 20
_MAPPING_BYTES: Final = 64 << 10
_NAMES: Final = ("platform", "from", "to", "mapping")
_EXAMPLE: Final = '[statement]\norder_id = "order"\namount = "paid"\n'
_SHOWN: Final = (
    *("at", "platform_id", "from_day", "to_day", "file", "their_lines", "matched", "amount_differs", "only_theirs"),
    *("only_ours", "twice_in_theirs", "their_amount", "our_amount"),
)


async def form(visit: Visit) -> Response:
    """The form, and the runs so far."""
    typed = {name: visit.given.get(name, "") for name in _NAMES}
    return await _page(visit, {**typed, "mapping": typed["mapping"] or _EXAMPLE}, "")


async def upload(visit: Visit) -> Response:
    """Compare what was uploaded with the journal."""
    sent = await visit.request.form(max_files=2)
    typed = {name: str(sent.get(name, "")) for name in _NAMES}
    statement, mapping = sent.get("statement"), sent.get("mapping_file")
    try:
        if not isinstance(statement, UploadFile) or not statement.filename:
            raise DompetError("choose the statement's file: CSV, as the mapping says")
        if isinstance(mapping, UploadFile) and mapping.filename:
            typed["mapping"] = (await mapping.read(_MAPPING_BYTES)).decode("utf-8", "replace")
        if (statement.size or 0) > STATEMENT_BYTES:
            raise DompetError(f"the statement is larger than {STATEMENT_BYTES >> 20} MB: `dompet reconcile` takes it")
        run_id = await _compared(visit, typed, statement)
    except DompetError as error:
        return await _page(visit, typed, str(error))
    visit.asker.forget()
    return Response(status_code=303, headers={"Location": address("/reconciliation", {"run": run_id})})


async def _compared(visit: Visit, typed: dict[str, str], statement: UploadFile) -> str:
    period = Period.parsed(typed["from"], typed["to"])
    if not typed["platform"].strip():
        raise DompetError("say of which platform the statement is")
    with tempfile.TemporaryDirectory(prefix="dompet-upload-") as folder:
        shown = re.sub(r"[^\w.() -]", "_", Path(str(statement.filename)).name)[-100:].lstrip(".") or "statement.csv"
        path, layout = Path(folder) / shown, Path(folder) / "mapping.toml"
        layout.write_text(typed["mapping"], "utf-8", newline="\n")
        with path.open("wb") as file:
            while part := await statement.read(1 << 20):
                await asyncio.to_thread(file.write, part)
        try:
            layouts = read_mapping(layout)
            run = Run(typed["platform"].strip(), period, StatementFile(path, layouts.statement, period), layouts)
            await visit.asker.run(lambda client: reconcile(client, run, now_us()))
        except DompetError as error:
            raise DompetError(str(error).replace(f"{folder}/", "")) from None
        return run.run_id


async def _page(visit: Visit, typed: dict[str, str], wrong: str) -> Response:
    visit.given = {"platform": typed["platform"]} if typed["platform"].isprintable() else {}
    runs = await panel(visit, Wanted("reconciliations", "Runs", "The newest come first.", columns=_SHOWN, summed=False,
                                     empty="Nothing was compared yet."))  # fmt: skip
    _lead_to_runs(runs)
    visit.status = 400 if wrong else 200
    return visit.page("reconcile.html", typed=typed, wrong=wrong, runs=runs)


def _lead_to_runs(runs: Any) -> None:
    for cells, row in zip(runs.body, runs.rows, strict=False):
        cells[0] = replace(cells[0], href=address("/reconciliation", {"run": row["run_id"]}))


async def run(visit: Visit) -> Response:
    """One run with its lines."""
    if not visit.check() or not visit.given.get("run"):
        return visit.page("reconciliation.html", run=None, panels=None)
    asked = (
        Wanted("reconciliations", "The run", summed=False),
        Wanted("reconciliation-lines", "Lines", limit=100, summed=False,
               empty="No line has this status."),
    )  # fmt: skip
    header, lines = await asyncio.gather(*(panel(visit, one) for one in asked))
    found = header.rows[0] if header.rows else None
    visit.status = 200 if found else 404
    return visit.page("reconciliation.html", run=found, panels=(header, lines))
