"""What README and docs/engine.md say to a notebook runs as it is written, on a real engine."""

import re
from pathlib import Path
from typing import Any

import pandas as pd  # type: ignore[import-untyped]
import pyarrow as pa

from tests.support.engines import EngineProcess

ROOT = Path(__file__).parents[3]


def run(page: str, port: int) -> dict[str, Any]:
    """What the page's snippets leave behind, run one after another."""
    names: dict[str, Any] = {}
    for code in re.findall(r"```python\n(.*?)```", (ROOT / page).read_text("utf-8"), re.DOTALL):
        if "8123" in code or "client" in names:
            exec(code.replace("8123", str(port)), names)  # noqa: S102  (it is our own text)
    names["client"].close()
    return names


def test_the_snippets_of_the_engine_s_page_run(shared_engine: EngineProcess) -> None:
    names = run("docs/engine.md", shared_engine.port)
    frames = {name: names[name] for name in ("wallets", "orders", "funnel")}
    assert all(isinstance(frame, pd.DataFrame) for frame in frames.values())
    assert isinstance(names["table"], pa.Table)
    assert pa.types.is_timestamp(names["table"].schema.field("purchased_at").type)
    assert list(names["funnel"]) == ["state", "orders"]
    names["engine"].dispose()


def test_the_snippet_of_the_readme_runs(shared_engine: EngineProcess) -> None:
    assert isinstance(run("README.md", shared_engine.port)["funnel"], pd.DataFrame)
