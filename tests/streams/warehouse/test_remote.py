"""An engine that cannot see this process's files is sent the rows: one of the two may be in a container."""

from pathlib import Path

import pyarrow as pa
import pytest

from dompet.streams.warehouse import open_warehouse, remote
from dompet.streams.warehouse.remote import EngineWarehouse
from tests.streams.warehouse.test_warehouses import COLUMNS
from tests.support.engines import engine
from tests.support.warehouses import plain

pytestmark = pytest.mark.server

NO_PROCESS = "/proc/4194305/fd/3"
"""Above the highest number that a process may have."""


def test_rows_go_over_the_connection_where_files_are_not_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    columns = {name: pa.array(values, type_) for name, (_, type_, values) in COLUMNS.items()}
    everything = pa.table({"place": pa.array([0, 1, 2], pa.int32()), **columns})
    declared = ", ".join(["place Int32", *(f"{name} {type_}" for name, (type_, _, _) in COLUMNS.items())])
    monkeypatch.setattr(remote, "path_of", lambda file: NO_PROCESS)
    with engine(tmp_path / "warehouse"):
        warehouse = open_warehouse(f"chdb://{tmp_path}/warehouse")
        try:
            assert isinstance(warehouse, EngineWarehouse)
            warehouse.execute(f"CREATE TABLE scratch ({declared}) ENGINE = MergeTree ORDER BY place")
            warehouse.insert("scratch", everything)
            assert plain(warehouse.read("SELECT * FROM scratch ORDER BY place")) == plain(everything)
            assert warehouse.read("SELECT * FROM scratch WHERE place > 9").num_rows == 0
        finally:
            warehouse.close()
