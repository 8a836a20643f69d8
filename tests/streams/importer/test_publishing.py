"""Sorted events published chunk by chunk, and what the log has of them remembered."""

from contextlib import closing
from pathlib import Path
from typing import cast

import pytest

from dompet.schemas.encode import Encoded
from dompet.schemas.varints import Longs
from dompet.schemas.wire import decode
from dompet.streams.importer import publishing
from dompet.streams.importer.publishing import publish_spool
from dompet.streams.importer.spool import Spool
from dompet.streams.publish import DeliveryFailed, Origin, Publisher
from tests.support.importing import HEADER, MAPPING, prepared, write


class Broker:
    """Stands for a publisher: acknowledges so many flushes, and fails at the next."""

    def __init__(self, flushes: int) -> None:
        self.acknowledged: list[object] = []
        self._waiting: list[object] = []
        self._flushes = flushes

    def publish_encoded(self, encoded: Encoded, rows: Longs, origin: Origin) -> None:
        self._waiting += [decode(encoded.values.row(row))[1]["order_id"] for row in rows.tolist()]

    def flush(self) -> None:
        self._flushes -= 1
        if self._flushes < 0:
            raise DeliveryFailed(len(self._waiting), "the broker is away")
        self.acknowledged += self._waiting
        self._waiting = []


def test_what_was_acknowledged_is_not_published_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(publishing, "CHUNK_EVENTS", 10)
    rows = "".join(f"o-{number},b-1,c-1,2020-05-03,5\n" for number in range(25))
    events = prepared(tmp_path, MAPPING, write(tmp_path, sales=HEADER + rows)).all("order_id")
    seen: list[object] = []
    reported: list[tuple[int, int]] = []
    for flushes in (0, 1, 0, 9):
        broker = Broker(flushes)
        with closing(Spool(tmp_path / "events")) as spool:
            try:
                publish_spool(cast(Publisher, broker), spool, lambda done, total: reported.append((done, total)))
            except DeliveryFailed:
                assert flushes < 9
        seen += broker.acknowledged
    assert seen == events
    assert reported == [(0, 25), (0, 25), (10, 25), (10, 25), (10, 25), (20, 25), (25, 25)]
