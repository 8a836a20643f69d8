"""`dompet verify` says that all is as the log says, and finds and names whatever is not."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from confluent_kafka.admin import AdminClient

from dompet.streams.pipeline.resuming import JournalMismatch
from dompet.streams.proof.fingerprint import Sums
from dompet.streams.proof.verified import last_verified
from dompet.streams.settings import Settings
from dompet.streams.verify.run import QuestionError
from dompet.streams.warehouse.migrate import migrations
from tests.support.pipelines import SettingsMaker, fold_some, fold_to_end, running
from tests.support.stored import delete, shown
from tests.support.verifying import SEGMENT, change, forget, insert, repaired, shorten, verified, written_log
from tests.support.warehouses import KINDS, empty_warehouse, engine_of, opened


@pytest.fixture(autouse=True)
def short_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    shorten(monkeypatch)


@pytest.fixture(scope="module")
def topic(kafka: str, kafka_admin: AdminClient) -> Iterator[str]:
    with written_log(kafka, kafka_admin) as topic:
        yield topic


@pytest.fixture(scope="module", params=KINDS)
def settings(
    request: pytest.FixtureRequest, topic: str, settings_for: SettingsMaker, clickhouse_server: str
) -> Iterator[Settings]:
    """A warehouse of each kind in turn, into which the log was folded in small batches."""
    with pytest.MonkeyPatch.context() as monkeypatch, empty_warehouse(request.param, clickhouse_server) as url:
        shorten(monkeypatch)
        settings = settings_for(topic, url, batch=100)
        fold_to_end(settings)
        yield settings


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest) -> Iterator[None]:
    """Started once a test, however often the test and `verify` open the warehouse."""
    if "settings" not in request.fixturenames:
        yield
        return
    with engine_of(request.getfixturevalue("settings").warehouse):
        yield


@pytest.fixture(scope="module")
def full(settings: Settings) -> int:
    """The partition with the most orders: it has wallets and segments enough for every test."""
    with opened(settings.warehouse) as warehouse:
        fullest = "SELECT partition FROM order_rows GROUP BY partition ORDER BY count() DESC, partition LIMIT 1"
        return int(shown(warehouse, fullest)[0]["partition"])


def only(settings: Settings, **asked: object) -> str:
    """The one difference there is."""
    report = verified(settings, **asked)
    assert len(report.differences) == 1, report.differences
    assert not report.holds
    return str(report.differences[0])


def test_a_warehouse_that_is_what_the_log_says_holds(settings: Settings) -> None:
    report = verified(settings)
    with opened(settings.warehouse) as warehouse:
        [counts] = shown(
            warehouse,
            "SELECT (SELECT count() FROM journal) AS journal, (SELECT count() FROM wallets) AS wallets,"
            " (SELECT count() FROM orders) AS orders, (SELECT count() FROM chain) AS chain",
        )
    assert (report.differences, report.holds) == ([], True)
    assert report.records == counts["journal"] > 10 * SEGMENT
    assert report.compared[0] == f"chain: {counts['chain']} heads"
    assert report.compared[2:] == [f"{name}: {counts[name]:,} rows" for name in ("journal", "wallets", "orders")]
    assert report.left_out == ["state in memory: no worker of this home runs"]


def test_what_was_found_is_recorded_in_the_warehouse(settings: Settings, full: int) -> None:
    report = verified(settings)
    assert (report.holds, report.unrecorded) == (True, "")
    newest = "SELECT * FROM verifications ORDER BY at DESC, from_offset LIMIT 1"
    with opened(settings.warehouse) as warehouse:
        [row] = shown(warehouse, newest)
        found = last_verified(warehouse.read, settings.log_topic)
        other = last_verified(warehouse.read, "another.log")
        ends = shown(warehouse, "SELECT partition, next_offset FROM checkpoints ORDER BY partition")
    upto = ",".join(f"{one['partition']}:{one['next_offset']}" for one in ends)
    assert (row["topic"], row["holds"], row["differences"]) == (settings.log_topic, "yes", 0)
    assert (row["records"], row["from_offset"]) == (report.records, 0)
    assert [one for one in row["upto"].split(",") if not one.endswith(":0")] == upto.split(",")
    assert found and other is None
    assert (found.holds, found.differences, found.records) == (True, 0, report.records)
    assert abs(found.at - datetime.now(UTC)) < timedelta(minutes=5)
    with repaired(settings, "journal_rows"):
        change(settings, "journal_rows", f"outcome = 'accepted' AND partition = {full}", price=77)
        report = verified(settings, partition=full)
    with opened(settings.warehouse) as warehouse:
        found = last_verified(warehouse.read, settings.log_topic)
    assert found
    assert (found.holds, found.differences) == (False, len(report.differences))


def test_a_record_that_cannot_be_written_is_a_sentence_beside_the_answer(settings: Settings) -> None:
    with opened(settings.warehouse) as warehouse:
        kept = warehouse.read("SELECT * FROM verification_rows FINAL")
        warehouse.execute("DROP TABLE verification_rows")
    try:
        report = verified(settings)
    finally:
        with opened(settings.warehouse) as warehouse:
            for migration in migrations():
                for statement in migration.statements:
                    if "CREATE TABLE verification_rows" in statement:
                        warehouse.execute(statement)
            warehouse.insert("verification_rows", kept)
    assert report.holds
    assert report.unrecorded.startswith("the record of this verification could not be written: ")
    assert "verification_rows" in report.unrecorded


def test_sums_are_the_same_wherever_rows_are_so_none_is_fetched(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[list[tuple[int, int]]] = []

    def differing(mine: Sums, other: Sums) -> list[tuple[int, int]]:
        compared.append(windows := reported(mine, other))
        return windows

    reported = Sums.differing
    monkeypatch.setattr(Sums, "differing", differing)
    assert verified(settings).holds
    assert compared == [[], [], []]
    with repaired(settings, "journal_rows"):
        before = change(settings, "journal_rows", "outcome = 'accepted'", price=77)
        only(settings)
        window = (before["partition"], before["offset"] // SEGMENT)
        assert compared[3:] == [[window], [window], [], []]  # the journal's again, without rows written twice


def test_rows_that_a_retried_insert_wrote_twice_are_no_difference(settings: Settings) -> None:
    with repaired(settings, "journal_rows"):
        change(settings, "journal_rows", "outcome = 'accepted'")
        assert verified(settings).holds


@pytest.mark.parametrize(
    ("column", "value"),
    [("balance_after", 5), ("recorded_at_us", 1), ("order_cleared", 1), ("spent_change", -(2**62)), ("session", 9)],
)
def test_a_changed_row_of_the_journal_is_named_with_its_column(settings: Settings, column: str, value: int) -> None:
    where = f"outcome = 'accepted' AND offset = {SEGMENT + 3} AND {column} != {value}"
    with repaired(settings, "journal_rows"):
        before = change(settings, "journal_rows", where, **{column: value})
        place = f"partition {before['partition']}, offset {before['offset']}"
        assert only(settings) == f"journal: {place}: {column} is {value}, the log says {before[column]}"


def test_a_changed_text_is_named_even_where_it_is_no_text_at_all(settings: Settings) -> None:
    with repaired(settings, "journal_rows"):
        with opened(settings.warehouse) as warehouse:
            where = f"type = 'CoursePurchased' AND offset > {SEGMENT}"
            row = warehouse.read(f"SELECT * FROM journal_rows FINAL WHERE {where} ORDER BY partition, offset LIMIT 1")
            event_id = row["event_id"][0].as_py()
            at = row.column_names.index("event_id")
            warehouse.insert("journal_rows", row.set_column(at, "event_id", [[b"\xff" * 70]]))
        text = event_id.decode() if isinstance(event_id, bytes) else event_id
        place = f"partition {row['partition'][0]}, offset {row['offset'][0]}"
        odd = "\\xff" * 70
        assert only(settings) == f"journal: {place}: event_id is {odd!r}, the log says {text!r}"


def test_two_changes_that_cancel_each_other_are_found(settings: Settings, full: int) -> None:
    with repaired(settings, "journal_rows"):
        with opened(settings.warehouse) as warehouse:
            rows = warehouse.read(
                f"SELECT * FROM journal_rows FINAL WHERE partition = {full} AND outcome = 'accepted'"
                " ORDER BY offset LIMIT 2"
            )
            balances = [row["balance_after"] for row in rows.to_pylist()]
            for at, by in ((0, 7), (1, -7)):
                insert(warehouse, "journal_rows", rows.slice(at, 1), {"balance_after": balances[at] + by})
        said = f"balance_after is {balances[0] + 7}, the log says {balances[0]}"
        assert only(settings) == f"journal: partition {full}, offset {rows['offset'][0]}: {said}"


@pytest.mark.parametrize("offset", [0, SEGMENT, SEGMENT + 1])
def test_a_missing_row_of_the_journal_is_named(settings: Settings, offset: int, full: int) -> None:
    with repaired(settings, "journal_rows"):
        with opened(settings.warehouse) as warehouse:
            delete(warehouse, "journal_rows", f"partition = {full} AND offset = {offset}")
        assert only(settings) == f"journal: partition {full}, offset {offset}: the row is missing"


@pytest.mark.parametrize("place", [{"offset": 100_000}, {"offset": -1}, {"partition": 99}])
def test_a_row_too_many_is_named(settings: Settings, place: dict[str, int], full: int) -> None:
    for table, what, name in (("journal_rows", "journal", "offset"), ("order_rows", "orders", "version")):
        mine = {name if key == "offset" else key: value for key, value in place.items()}
        with repaired(settings, table):
            with opened(settings.warehouse) as warehouse:
                row = warehouse.read(f"SELECT * FROM {table} FINAL WHERE partition = {full} LIMIT 1")
                if table == "order_rows":
                    row = row.set_column(row.column_names.index("order_id"), "order_id", [[b"none"]])
                insert(warehouse, table, row, mine)
            found = {"partition": full, "offset": row[name][0].as_py(), **place}
            says = "a row too many: the log has no record here"
            assert only(settings) == f"{what}: partition {found['partition']}, offset {found['offset']}: {says}"


def test_a_changed_wallet_and_a_changed_order_are_named(settings: Settings, full: int) -> None:
    for table, what, column in (("wallet_rows", "wallets", "balance"), ("order_rows", "orders", "price")):
        with repaired(settings, table):
            before = change(settings, table, f"partition = {full}", **{column: 12_345})
            names = ("beneficiary_id", "platform_id", "order_id") if what == "orders" else ("beneficiary_id",)
            keys = [before[name].decode() if isinstance(before[name], bytes) else before[name] for name in names]
            place = f"{what}: {' '.join(keys)}: partition {full}, offset {before['version']}"
            assert only(settings) == f"{place}: {column} is 12345, the log says {before[column]}"
    assert verified(settings).holds


def test_missing_and_invented_wallets_and_orders_are_named(settings: Settings, full: int) -> None:
    for table, what in (("wallet_rows", "wallets"), ("order_rows", "orders")):
        with opened(settings.warehouse) as warehouse:
            row = warehouse.read(f"SELECT * FROM {table} FINAL WHERE partition = {full} ORDER BY version LIMIT 1")
        version = row["version"][0].as_py()
        with repaired(settings, table):
            with opened(settings.warehouse) as warehouse:
                forget(warehouse, table, row.to_pylist()[0])
            assert only(settings).endswith(f": partition {full}, offset {version}: the row is missing")
        with repaired(settings, table):
            with opened(settings.warehouse) as warehouse:
                warehouse.insert(table, row.set_column(0, "beneficiary_id", [[b"nobody"]]))
            found = only(settings)
            assert found.startswith(f"{what}: nobody")
            assert found.endswith(f": partition {full}, offset {version}: a row too many: the log makes none here")


def test_a_wallet_whose_version_was_changed_is_named(settings: Settings, full: int) -> None:
    with repaired(settings, "wallet_rows"):
        with opened(settings.warehouse) as warehouse:
            row = warehouse.read(
                f"SELECT * FROM wallet_rows FINAL WHERE partition = {full} AND version > {SEGMENT} LIMIT 1"
            )
            forget(warehouse, "wallet_rows", row.to_pylist()[0])
            insert(warehouse, "wallet_rows", row, {"version": 0})
        assert only(settings).endswith(f": version is 0, the log says {row['version'][0]}")
    assert verified(settings).holds


def test_a_checkpoint_that_vouches_for_more_than_there_is_is_named(settings: Settings, full: int) -> None:
    with opened(settings.warehouse) as warehouse:
        row = warehouse.read(
            f"SELECT * FROM checkpoint_rows FINAL WHERE partition = {full} ORDER BY next_offset DESC LIMIT 1"
        )
    end, total = row["next_offset"][0].as_py(), row["total_rows"][0].as_py()
    with repaired(settings, "checkpoint_rows"):
        with opened(settings.warehouse) as warehouse:
            insert(warehouse, "checkpoint_rows", row, {"next_offset": end + 5})
        says = f"the checkpoint says {end + 5}, but the log ends at {end}: it was cut, or is another one"
        assert only(settings) == f"checkpoints: partition {full}, offset {end}: {says}"
    with repaired(settings, "checkpoint_rows"):
        with opened(settings.warehouse) as warehouse:
            insert(warehouse, "checkpoint_rows", row, {"total_rows": total + 1})
        assert f"total_rows is {total + 1} in the checkpoint at offset {end}, the log says {total}" in only(settings)


def test_a_changed_or_missing_head_of_the_stored_chain_is_named(settings: Settings, full: int) -> None:
    with repaired(settings, "chain_rows"):
        with opened(settings.warehouse) as warehouse:
            row = warehouse.read(f"SELECT * FROM chain_rows FINAL WHERE partition = {full} AND segment = 1")
            warehouse.insert("chain_rows", row.set_column(row.column_names.index("head"), "head", [[b"00" * 32]]))
        assert only(settings).startswith(
            f"chain: partition {full}, offset {SEGMENT}: the head below offset {2 * SEGMENT} is 00"
        )
        with opened(settings.warehouse) as warehouse:
            delete(warehouse, "chain_rows", f"partition = {full} AND segment = 1")
        assert only(settings).startswith(
            f"chain: partition {full}, offset {2 * SEGMENT - 1}: the head of the segment that ends"
        )


def test_only_what_is_asked_for_is_compared(settings: Settings, full: int) -> None:
    with repaired(settings, "journal_rows"):
        change(settings, "journal_rows", f"partition = {full} AND offset = {SEGMENT}", price=77)
        assert "offset 16: price is 77" in only(settings)
        assert "offset 16: price is 77" in only(settings, partition=full, begin=SEGMENT, end=SEGMENT + 1)
        for elsewhere in ({"partition": (full + 1) % 12}, {"partition": full, "end": SEGMENT}, {"begin": SEGMENT + 1}):
            assert verified(settings, **elsewhere).holds, elsewhere


def test_what_the_log_has_behind_the_checkpoints_is_no_difference(
    settings_for: SettingsMaker, topic: str, clickhouse_server: str
) -> None:
    for kind in KINDS:
        with empty_warehouse(kind, clickhouse_server) as url:
            settings = settings_for(topic, url, batch=120)
            with running(settings) as pipeline:
                fold_some(pipeline, 4)
            report = verified(settings)
            assert report.holds, report.differences
            assert any("the log goes on for" in sentence for sentence in report.left_out)
            assert report.records >= 60


def test_questions_that_make_no_sense_are_one_sentence(settings: Settings, tmp_path: Path) -> None:
    with pytest.raises(QuestionError, match=r"^--partition 12: the log has partitions 0 to 11$"):
        verified(settings, partition=12)
    with pytest.raises(QuestionError, match=r"^--to 3 must be above --from 3$"):
        verified(settings, begin=3, end=3)
    with pytest.raises(QuestionError, match=r"^topic none does not exist"):
        verified(settings.changed(log_topic="none"))
    with pytest.raises(QuestionError, match=r"--head FILE: give both$"):
        verified(settings, public_key=tmp_path)
    rules = tmp_path / "rules.toml"
    own = (Path(__file__).parents[3] / "schemas" / "rules.toml").read_text()
    rules.write_text(own.replace("max_credits = 1", "max_credits = 2"))
    with pytest.raises(JournalMismatch, match="rulebook"):
        verified(settings.changed(rules=rules))
