"""The worked example of `dompet import`, mapped and sorted, ready to be published."""

import os
from pathlib import Path

from dompet.streams.importer.exports import export_of
from dompet.streams.importer.prepare import Preparation
from dompet.streams.importer.reading import read_mapping
from tests.bench.processes import ROOT

DATA = Path(os.environ.get("OULAD", ROOT.parent / "shared" / "data" / "oulad"))
EXAMPLE = ROOT / "infra" / "examples" / "oulad" / "mapping.toml"


def prepared_spool(folder: Path) -> Path | None:
    """The spool of all its events; None where the example's data is not beside the checkout."""
    if not DATA.is_dir():
        return None
    file = read_mapping(EXAMPLE)
    preparation = Preparation(file, export_of(file, sorted(DATA.glob("*.csv"))), b"bench", stop=True, complain=print)
    preparation.run(folder / "rows", folder / "events", lambda bytes_read: None)
    return folder / "events"
