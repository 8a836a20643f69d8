"""What clients of ClickHouse's HTTP interface ask, and are answered as by ClickHouse."""

import base64
import gzip
import json
import socket
import struct

import cramjam
import pyarrow as pa
import pytest

from dompet.streams.engine.encodings import Blocks, unpacked_blocks
from tests.support.engines import EngineProcess

TWO = "SELECT n FROM scratch ORDER BY n"


@pytest.mark.parametrize("path", ["/ping", "/replicas_status", "/"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_it_says_that_it_is_there(shared_engine: EngineProcess, path: str, method: str) -> None:
    answer = shared_engine.ask(path=path, method=method)
    assert (answer.status, answer.body) == (200, b"Ok.\n" if method == "GET" else b"")


def test_another_path_is_not_found(shared_engine: EngineProcess) -> None:
    assert shared_engine.ask("SELECT 1", path="/play").status == 404


def test_a_query_stands_in_the_body_or_in_the_address_or_in_both(shared_engine: EngineProcess) -> None:
    assert shared_engine.ask(TWO).body == b"1\n2\n"
    assert shared_engine.ask(method="GET", parameters={"query": TWO}).body == b"1\n2\n"
    assert shared_engine.ask("SELECT n FROM", b"scratch ORDER BY n").body == b"1\n2\n"
    long = f"SELECT {', '.join(str(n) for n in range(20_000))} FORMAT TSV"
    assert shared_engine.ask(method="GET", parameters={"query": long}).body.count(b"\t") == 19_999


def test_the_format_is_that_of_the_statement_else_of_the_address_else_of_the_header(
    shared_engine: EngineProcess,
) -> None:
    header = {"X-ClickHouse-Format": "JSONCompactEachRow"}
    for sql, parameters, expected, named in (
        (f"{TWO} FORMAT CSVWithNames", {"default_format": "XML"}, b'"n"\n1\n2\n', "CSVWithNames"),
        (TWO, {"default_format": "csv"}, b"1\n2\n", "CSV"),
        (TWO, {}, b'["1"]\n["2"]\n', "JSONCompactEachRow"),
    ):
        answer = shared_engine.ask(
            sql, headers=header, parameters={**parameters, "output_format_json_quote_64bit_integers": 1}
        )
        assert (answer.body, answer.headers["X-ClickHouse-Format"]) == (expected, named)
    assert shared_engine.ask(TWO).headers["Content-Type"] == "text/tab-separated-values; charset=UTF-8"
    assert shared_engine.ask(TWO, default_format="Native").headers["Content-Type"] == "application/octet-stream"
    unknown = shared_engine.ask(TWO, default_format="Excel")
    assert (unknown.status, unknown.headers["X-ClickHouse-Exception-Code"]) == (404, "73")


def test_every_output_format_gives_what_the_engine_itself_writes(shared_engine: EngineProcess) -> None:
    """But for those that tell of progress, which is never the same; with rows, and without any."""
    formats = shared_engine.told(
        "SELECT name FROM system.formats WHERE is_output AND name NOT LIKE '%Progress'"
    ).split()
    sql = "SELECT number AS a, toString(number) AS b, CAST(NULL AS Nullable(Int8)) AS c FROM numbers(3)"
    answered = 0
    settings = "output_format_write_statistics = 0, output_format_arrow_compression_method = 'lz4_frame'"
    for form in formats:
        for asked in (sql, f"{sql} WHERE number > 5"):
            own = shared_engine.own(f"{asked} SETTINGS {settings}", default_format=form)
            guest = shared_engine.ask(asked, default_format=form, output_format_write_statistics=0)
            assert (guest.status == 200) == (own.status == 200), (form, guest, own)
            if own.status == 200:
                bodies = [one.body for one in (guest, own)]
                if form == "Avro":  # its blocks end with sixteen bytes that are drawn anew each time
                    bodies = [body.replace(body[-16:], b"") for body in bodies]
                assert bodies[0] == bodies[1], form
                assert guest.headers["X-ClickHouse-Format"] == form
                answered += 1
    assert answered > 150


def test_a_long_answer_is_one_document_whatever_the_format(shared_engine: EngineProcess) -> None:
    sql = "SELECT number AS a, toString(number) AS b FROM numbers(300000)"
    table = pa.ipc.open_stream(shared_engine.ask(sql, default_format="ArrowStream").body).read_all()
    assert (table.num_rows, table["a"][-1].as_py()) == (300_000, 299_999)
    assert json.loads(shared_engine.ask(sql, default_format="JSON").body)["rows"] == 300_000
    assert shared_engine.ask(sql, default_format="CSVWithNames").body.count(b'"a","b"') == 1
    assert shared_engine.ask(sql, default_format="RowBinaryWithNamesAndTypes").body.count(b"UInt64") == 1


def test_an_answer_comes_packed_as_it_was_asked_for(shared_engine: EngineProcess) -> None:
    for sql in (TWO, "SELECT number FROM numbers(400000)"):
        plain = shared_engine.ask(sql).body
        for encoding, module in (
            ("gzip", cramjam.gzip),
            ("br", cramjam.brotli),
            ("zstd", cramjam.zstd),
            ("lz4", cramjam.lz4),
            ("deflate", cramjam.zlib),
        ):
            answer = shared_engine.ask(sql, headers={"Accept-Encoding": encoding})
            assert answer.headers["Content-Encoding"] == encoding
            assert bytes(module.decompress(answer.body)) == plain
        packed = shared_engine.ask(sql, compress=1)
        assert "Content-Encoding" not in packed.headers
        assert unpacked_blocks(packed.body, 1 << 24) == plain
        off = shared_engine.ask(sql, headers={"Accept-Encoding": "gzip"}, enable_http_compression=0)
        assert off.body == plain


def test_a_question_may_come_packed(shared_engine: EngineProcess) -> None:
    answer = shared_engine.ask(body=gzip.compress(TWO.encode()), headers={"Content-Encoding": "gzip"})
    assert answer.body == b"1\n2\n"
    assert shared_engine.ask(body=Blocks().piece(TWO.encode()), decompress=1).body == b"1\n2\n"
    for body, headers in (
        (b"no gzip", {"Content-Encoding": "gzip"}),
        (gzip.compress(b" " * (64 << 20)), {"Content-Encoding": "gzip"}),
        (b"x", {"Content-Encoding": "compress"}),
        (b"SELECT 1 --" + b" " * (2 << 20), {}),
        (b"SELECT '\xff'", {}),
    ):
        assert shared_engine.ask(body=body, headers=headers).status == 400
    bomb = Blocks().piece(b" " * (1 << 20))
    assert shared_engine.ask(body=bomb * 40, decompress=1).status == 400
    for broken in (b"short", bomb[:40], b"\x00" * 16 + bomb[16:], bomb[:16] + struct.pack("<BII", 7, 9, 0)):
        assert shared_engine.ask(body=broken, decompress=1).status == 400


def test_parameters_and_settings_are_those_of_the_address(shared_engine: EngineProcess) -> None:
    told = shared_engine.told
    assert told("SELECT {a:UInt8} + 1, {b:String}", param_a=3, param_b="x\\ty") == "4\tx\\ty\n"
    assert told("SELECT {a:Array(UInt8)}", param_a="[1,2]") == "[1,2]\n"
    assert told(
        "SELECT sum(t.n), sum(s.n) FROM scratch AS t LEFT JOIN (SELECT 5 AS n) AS s USING (n)", join_use_nulls=1
    )
    assert (
        told(
            "SELECT toTypeName(s.m) FROM scratch AS t LEFT JOIN (SELECT 5 AS n, 1 AS m) AS s USING (n) LIMIT 1",
            join_use_nulls=1,
        )
        == "Nullable(UInt8)\n"
    )
    assert shared_engine.ask("SELECT {a:UInt8}").headers["X-ClickHouse-Exception-Code"] == "456"


def test_a_form_brings_parameters_and_no_tables(shared_engine: EngineProcess) -> None:
    def sent(disposition: str, content: str) -> bytes:
        return f"--b\r\nContent-Disposition: form-data; {disposition}\r\n\r\n{content}\r\n".encode()

    headers = {"Content-Type": "multipart/form-data; boundary=b"}
    form = sent('name="query"', "SELECT {a:UInt8}") + sent('name="param_a"', "7") + b"--b--\r\n"
    assert shared_engine.ask(body=form, headers=headers).body == b"7\n"
    table = sent('name="t_structure"', "n Int8") + sent('name="t"; filename="t"', "1") + b"--b--\r\n"
    assert shared_engine.ask("SELECT * FROM t", table, headers=headers).status == 403


def test_whoever_asks_on_this_machine_may_name_himself_as_he_likes(shared_engine: EngineProcess) -> None:
    basic = base64.b64encode(b"grafana:secret").decode()
    for headers in (
        {},
        {"Authorization": f"Basic {basic}"},
        {"X-ClickHouse-User": "metabase", "X-ClickHouse-Key": "secret"},
    ):
        assert shared_engine.ask(TWO, headers=headers).status == 200
    assert shared_engine.ask(TWO, parameters={"user": "superset", "password": "secret"}).status == 200
    assert shared_engine.ask(TWO, headers={"Authorization": "Basic ?"}).status == 400


def test_a_token_that_is_not_the_owner_s_is_refused(shared_engine: EngineProcess) -> None:
    answer = shared_engine.ask(TWO, headers={"Authorization": "Bearer another"})
    assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (403, "516")
    assert "another" not in answer.text


def test_a_page_of_another_site_cannot_ask(shared_engine: EngineProcess) -> None:
    for host, status in (("evil.example:8123", 403), ("localhost:8123", 200), ("127.0.0.1", 200), ("[::1]:1", 200)):
        assert shared_engine.ask(TWO, headers={"Host": host}).status == status


def test_the_database_is_chosen_in_the_address_or_by_a_header(shared_engine: EngineProcess) -> None:
    assert shared_engine.told("SELECT currentDatabase()") == "default\n"
    assert shared_engine.ask("SELECT 1", database="nowhere").headers["X-ClickHouse-Exception-Code"] == "81"
    headers = {"X-ClickHouse-Database": "nowhere"}
    assert shared_engine.ask("SELECT 1", headers=headers).status == 404


def test_a_session_may_be_named_and_is_none(shared_engine: EngineProcess) -> None:
    session = {"session_id": "s", "session_timeout": 60, "session_check": 0}
    assert shared_engine.told(TWO, parameters=session) == "1\n2\n"
    for sql, hint in (
        ("SET max_threads = 1", "settings in the address"),
        ("USE default", "database in the address"),
        ("CREATE TEMPORARY TABLE t (n Int8)", "temporary tables would be gone at once"),
    ):
        answer = shared_engine.ask(sql, parameters=session)
        assert (answer.status, hint in answer.text) == (403, True), answer.text


def test_a_mistake_is_told_as_clickhouse_does(shared_engine: EngineProcess) -> None:
    for sql, status, code, said in (
        ("SELECT 1 +", 400, 62, "Syntax error: failed at position 11"),
        ("SELECT missing FROM scratch", 404, 47, "missing"),
        ("SELECT * FROM missing", 404, 60, "missing"),
        ("SELECT summ(n) FROM scratch", 404, 46, "summ"),
        ("SELECT toDate('x')", 400, 38, "Cannot parse date"),
        ("SELECT throwIf(1)", 500, 395, "non-zero"),
    ):
        answer = shared_engine.ask(sql)
        assert (answer.status, answer.headers["X-ClickHouse-Exception-Code"]) == (status, str(code))
        assert answer.text.startswith(f"Code: {code}. DB::Exception: ")
        assert said in answer.text
        assert answer.text.endswith(") (version 26.9.2.1)\n")
        assert "parseQuery" not in answer.text
        assert "OUTFILE" not in answer.text.replace("INTO OUTFILE,", "")
    assert unpacked_blocks(shared_engine.ask("SELECT 1 +", compress=1).body, 1 << 20).startswith(b"Code: 62.")


HALF_WAY = "SELECT throwIf(number = 3000000) FROM numbers(4000000)"


@pytest.mark.parametrize("encoding", ["", "gzip"])
def test_what_fails_half_way_says_so_at_its_end_and_is_cut(shared_engine: EngineProcess, encoding: str) -> None:
    answer = shared_engine.ask(HALF_WAY, headers={"Accept-Encoding": encoding})
    body = bytes(cramjam.gzip.decompress(answer.body)) if encoding else answer.body
    tag = answer.headers["X-ClickHouse-Exception-Tag"].encode()
    before, found, after = body.partition(b"\r\n__exception__\r\n" + tag + b"\r\n")
    assert (answer.status, answer.cut, bool(found)) == (200, True, True)
    assert set(before) == {ord("0"), ord("\n")}
    message, _, end = after.rpartition(b"\n" + str(after.index(b"\n") + 1).encode())
    assert end == b" " + tag + b"\r\n__exception__\r\n"
    assert message.startswith(b"Code: 395. DB::Exception: ")


def test_who_waits_for_the_end_hears_of_a_fault_as_a_fault(shared_engine: EngineProcess) -> None:
    answer = shared_engine.ask(HALF_WAY, wait_end_of_query=1)
    assert (answer.status, answer.text.startswith("Code: 395.")) == (500, True)
    whole = shared_engine.ask("SELECT number FROM numbers(2000000)", wait_end_of_query=1)
    assert whole.body == b"".join(b"%d\n" % n for n in range(2_000_000))
    assert json.loads(whole.headers["X-ClickHouse-Summary"])["read_rows"] == "2000000"


def test_each_answer_says_what_it_is(shared_engine: EngineProcess) -> None:
    headers = shared_engine.ask(TWO, query_id="mine").headers
    assert headers["X-ClickHouse-Query-Id"] == "mine"
    assert json.loads(headers["X-ClickHouse-Summary"])["read_rows"] == "2"
    assert headers["X-ClickHouse-Timezone"] == shared_engine.told("SELECT timezone()").strip()
    assert headers["X-ClickHouse-Server-Display-Name"] == "dompet"
    assert shared_engine.ask(TWO).headers["X-ClickHouse-Query-Id"] != ""


def test_a_client_that_waits_to_be_told_to_go_on_is_told(shared_engine: EngineProcess) -> None:
    with socket.create_connection(("127.0.0.1", shared_engine.port), timeout=20) as connection:
        connection.sendall(b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 8\r\nExpect: 100-continue\r\n\r\n")
        assert connection.recv(1000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"SELECT 7")
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 OK")


def test_clickhouse_go_is_told_to_read_plain_blocks(shared_engine: EngineProcess) -> None:
    """It reads this answer alone in the form of its own protocol, where a block has a head and columns have a flag."""
    asked = "SELECT displayName(), version(), revision(), timezone()"
    told = shared_engine.ask(asked, default_format="Native", client_protocol_version=54460).body
    assert told.startswith(b"\x01\x00\x02\xff\xff\xff\xff\x00\x04\x01\x0ddisplayName()\x06String\x00\x06dompet")
    assert b"\x0arevision()\x06UInt32\x00\x00\x00\x00\x00" in told


def test_a_grid_that_wants_fewer_rows_is_answered_with_those(shared_engine: EngineProcess) -> None:
    """`break` leaves out what is more than a guest wants, block by block as in ClickHouse."""
    sql = "SELECT number FROM numbers(300000)"
    few = {"max_result_rows": 30, "result_overflow_mode": "break", "max_block_size": 10}
    assert shared_engine.told(sql, parameters=few) == "".join(f"{n}\n" for n in range(30))
    assert shared_engine.ask(sql, max_result_rows=30).headers["X-ClickHouse-Exception-Code"] == "396"
    for most in (0, 10**12):
        shown = shared_engine.told(
            "SELECT getSetting('result_overflow_mode')", max_result_rows=most, result_overflow_mode="break"
        )
        assert shown == "throw\n"
