"""Python's clients of ClickHouse, and curl: what each finds in the engine."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import clickhouse_connect
import pandas as pd  # type: ignore[import-untyped]
import sqlalchemy as sa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import DatabaseError

from tests.support.client_programs import ran, tool
from tests.support.client_questions import Found, Question, Rows, declared_questions, plain_rows

Answer = tuple[list[str], Rows]


def connect(port: int, answer: Callable[[Client, Question], Answer]) -> Found:
    """What clickhouse-connect finds, with one of its ways to ask."""
    asked = declared_questions()
    with connected(port) as client:
        long = client.query(asked.long).result_columns[0]
        return Found(
            databases=_column(client.query("SHOW DATABASES").result_rows),
            tables=_column(client.query("SHOW TABLES").result_rows),
            columns=[list(row[:2]) for row in client.query(f"DESCRIBE TABLE {asked.table}").result_rows],
            answers=[answer(client, one) for one in asked.queries],
            text=client.query("SELECT {text:String}", {"text": asked.text}).result_rows[0][0],
            long=(len(long), sum(long)),
            refused=_refused(lambda: client.command(asked.write)),
        )


@contextmanager
def connected(port: int) -> Iterator[Client]:
    client = clickhouse_connect.get_client(host="127.0.0.1", port=port, username="python")
    try:
        yield client
    finally:
        client.close()


def by_rows(client: Client, question: Question) -> Answer:
    """Native, as rows."""
    result = client.query(question.sql)
    return list(result.column_names), plain_rows(result.result_rows)


def by_arrow(client: Client, question: Question) -> Answer:
    """Arrow, as a table. It has moments as seconds since 1970: ClickHouse's Arrow knows them as UInt32."""
    table = client.query_arrow(question.sql)
    kinds = {column[0]: column[1] for column in question.columns}
    columns = [
        [_moment(value) if "DateTime" in kinds[name] else value for value in table[name].to_pylist()]
        for name in table.column_names
    ]
    return table.column_names, plain_rows(zip(*columns, strict=True))


def _moment(seconds: int | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)


def by_pandas(client: Client, question: Question) -> Answer:
    """Native, as a data frame of pandas. It has days as their first moments: pandas knows no days."""
    frame = client.query_df(question.sql)
    days = {name for name, kind in question.columns if kind in ("Date", "Nullable(Date)")}
    columns = [[_present(value, name in days) for value in frame[name]] for name in frame]
    return list(frame), plain_rows(zip(*columns, strict=True))


def _present(value: Any, is_day: bool) -> Any:
    """None for pandas' ways to say that nothing is there."""
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, pd.Timestamp):
        return value.date() if is_day else value.to_pydatetime()
    return value


def sqlalchemy(port: int) -> Found:
    """What the dialect `clickhousedb` finds, as Superset uses it."""
    asked = declared_questions()
    engine = sa.create_engine(f"clickhousedb://superset@127.0.0.1:{port}/default")
    try:
        about = sa.inspect(engine)
        with engine.connect() as connection:
            long = connection.execute(sa.text(asked.long)).scalars().all()
            return Found(
                databases=about.get_schema_names(),
                tables=sorted({*about.get_table_names("default"), *about.get_view_names("default")}),
                columns=[[one["name"], one["type"].compile(engine.dialect)] for one in about.get_columns(asked.table)],
                answers=[_executed(connection, one.sql) for one in asked.queries],
                text=str(connection.execute(sa.text("SELECT :text"), {"text": asked.text}).scalar()),
                long=(len(long), sum(long)),
                refused=_refused(lambda: connection.execute(sa.text(asked.write))),
            )
    finally:
        engine.dispose()


def _executed(connection: sa.Connection, sql: str) -> Answer:
    result = connection.exec_driver_sql(sql)
    return list(result.keys()), plain_rows(result.all())


def curl(port: int) -> Found:
    """What curl finds: the query in the body, the format in the address."""
    asked = declared_questions()

    def said(sql: str, **parameters: str) -> str:
        settings = {"default_format": "TSVRaw", "output_format_json_quote_64bit_integers": "0", **parameters}
        address = f"http://127.0.0.1:{port}/?{urlencode(settings)}"
        return ran([tool("curl"), "--silent", "--compressed", "--data-binary", sql, address], Path("/"))

    def answer(sql: str) -> Answer:
        found = json.loads(said(sql, default_format="JSONCompact", date_time_output_format="iso"))
        return [one["name"] for one in found["meta"]], found["data"]

    long = said(asked.long).split()
    # ClickHouse reads a parameter in the address as a field of TSV.
    text = asked.text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n")
    return Found(
        databases=said("SHOW DATABASES").split(),
        tables=said("SHOW TABLES").split(),
        columns=[line.split("\t")[:2] for line in said(f"DESCRIBE TABLE {asked.table}").splitlines()],
        answers=[answer(one.sql) for one in asked.queries],
        text=json.loads(said("SELECT {text:String}", default_format="JSONCompactEachRow", param_text=text))[0],
        long=(len(long), sum(map(int, long))),
        refused=said(asked.write),
    )


def _column(rows: Any) -> list[str]:
    return [str(row[0]) for row in rows]


def _refused(call: Callable[[], Any]) -> str:
    """What a call was refused with."""
    try:
        call()
    except (DatabaseError, sa.exc.DBAPIError) as refused:
        return str(refused)
    return ""
