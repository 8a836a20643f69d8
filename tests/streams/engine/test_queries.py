"""What analysts and BI tools do ask is answered: nothing that only reads is refused by mistake."""

import re
from pathlib import Path

import pytest

from tests.support.engines import EngineProcess

ROOT = Path(__file__).parents[3]

QUERIES = (
    "SELECT t.*, s.n AS m FROM scratch AS t LEFT JOIN (SELECT n FROM scratch) AS s USING (n) ORDER BY ALL",
    "WITH a AS (SELECT n FROM scratch), 2 AS b, (x -> x + b) AS f SELECT f(n) FROM a WHERE n IN (SELECT n FROM a)",
    "WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT sum(n) FROM r",
    "SELECT n, sum(n) OVER w, row_number() OVER (ORDER BY n DESC) FROM scratch WINDOW w AS (ORDER BY n) QUALIFY 1",
    "SELECT n % 2 AS k, count(), uniq(n), quantiles(0.5, 0.9)(n), groupArray(3)(n), sumIf(n, n > 1), argMax(n, n),"
    " avgOrNull(n), anyLast(n), topK(2)(n), countIf(n > 1), maxState(n) FROM scratch GROUP BY k WITH TOTALS"
    " HAVING count() > 0 ORDER BY k LIMIT 5",
    "SELECT n FROM scratch GROUP BY GROUPING SETS ((n), ()) ORDER BY n LIMIT 1 BY n LIMIT 3 OFFSET 0",
    "SELECT DISTINCT ON (n) n FROM scratch PREWHERE n > 0 WHERE n BETWEEN 1 AND 2 AND NOT n IN (7) OR n IS NULL",
    "SELECT toStartOfMonth(now()), toYYYYMM(today()), date_add(day, 1, today()), dateDiff('day', today(), today()),"
    " formatDateTime(now(), '%Y'), toDate('2020-01-01') + INTERVAL 1 MONTH, extract(year FROM today()),"
    " parseDateTimeBestEffort('2020-01-01'), DATE '2020-01-01', toUnixTimestamp(now()), timeSlot(now())",
    "SELECT CASE n WHEN 1 THEN 'a' ELSE 'b' END, CASE WHEN n > 1 THEN 'x' END, if(n = 1, 2, 3), multiIf(n = 1, 2, 3),"
    " coalesce(NULL, n), (n > 1) ? 1 : 2, least(n, 1), toString(n), CAST(n AS Nullable(Int8)), n::String FROM scratch",
    "SELECT [1, 2][1], arrayMap(x -> x * 2, [1]), arrayJoin([1, 2]), (1, 'a').1, map('a', 1)['a'],"
    " JSONExtractInt('{\"a\": 1}', 'a'), splitByChar(',', 'a,b'), replaceRegexpAll('a', 'b', 'c'), match('a', 'b'),"
    " concat('a', 'b') || 'c', substring('abc', 1, 2), trim(BOTH ' ' FROM ' x '), position('b' IN 'abc'), lower('A')",
    "SELECT number, toString(number) FROM numbers(3) UNION ALL SELECT 1, '2' INTERSECT SELECT 1, '2'",
    "SELECT * EXCEPT (n) REPLACE (1 AS m) APPLY(toString) FROM (SELECT n, n AS m FROM scratch)",
    "SELECT COLUMNS('n') APPLY(x -> x + 1), scratch.* FROM scratch",
    "SELECT n FROM scratch ORDER BY n WITH FILL FROM 1 TO 5 STEP 1 INTERPOLATE",
    "SELECT n, m FROM scratch ARRAY JOIN [1, 2] AS m ORDER BY n DESC NULLS LAST, toString(m) COLLATE 'en'",
    "SELECT * FROM (SELECT 1 AS a) AS x ASOF JOIN (SELECT 1 AS a, 2 AS b) AS y ON x.a = y.a AND x.a <= y.b",
    "SELECT EXISTS(SELECT 1 FROM scratch), (SELECT max(n) FROM scratch), 1 = ANY(SELECT 1), (1, 2) IN ((1, 2))",
    "SELECT * FROM VALUES('a Int8, b String', (1, 'x'), (2, 'y')) ORDER BY a LIMIT 1 WITH TIES",
    "SELECT * FROM generateSeries(1, 3) AS a, numbers(2) AS b ORDER BY ALL LIMIT 1",
    "FROM scratch SELECT n",
    "FROM scratch |> WHERE n > 1 |> AGGREGATE sum(n) AS s GROUP BY n |> EXTEND s + 1 AS t |> ORDER BY s",
    "SELECT n FROM scratch SETTINGS max_threads = 4, join_use_nulls = 1",
    "SELECT version(), timezone(), currentDatabase(), hostName(), uptime() > 0, displayName(), @@version",
    "SELECT name, value, readonly FROM system.settings WHERE name LIKE 'max_%'",
    "SELECT database, name, engine, comment, create_table_query FROM system.tables WHERE database = currentDatabase()",
    "SELECT table, name, type, is_in_primary_key FROM system.columns WHERE database NOT IN ('system')",
    "SELECT name, is_aggregate FROM system.functions WHERE origin = 'System'",
    "SELECT * FROM system.one, system.numbers LIMIT 1",
    "SELECT table_name, table_type FROM information_schema.tables WHERE table_schema = 'default'",
    "SELECT column_name, data_type FROM INFORMATION_SCHEMA.COLUMNS WHERE table_name = 'scratch'",
    "SHOW DATABASES",
    "SHOW TABLES FROM default LIKE '%scratch%' LIMIT 3",
    "SHOW FULL TABLES",
    "SHOW COLUMNS FROM scratch",
    "SHOW CREATE TABLE scratch",
    "SHOW CREATE VIEW wallets",
    "SHOW INDEX FROM scratch",
    "SHOW FUNCTIONS LIKE 'sum'",
    "SHOW SETTINGS LIKE 'max_threads'",
    "DESCRIBE TABLE wallets",
    "DESC scratch FORMAT JSON",
    "DESCRIBE (SELECT 1 AS x, 'a' AS y)",
    "EXISTS TABLE scratch",
    "EXISTS DATABASE default",
    "EXPLAIN SELECT n FROM scratch",
    "EXPLAIN indexes = 1 SELECT n FROM scratch WHERE n = 1",
    "EXPLAIN PIPELINE SELECT 1",
    "EXPLAIN AST SELECT 1",
    "EXPLAIN SYNTAX SELECT 1",
    "EXPLAIN ESTIMATE SELECT n FROM scratch",
    "-- a comment\nSELECT 1 /* another */;",
    "(SELECT 1)",
)


@pytest.mark.parametrize("sql", QUERIES)
def test_a_query_that_reads_is_answered_as_its_owner_is(shared_engine: EngineProcess, sql: str) -> None:
    guest = shared_engine.ask(sql)
    assert guest.status == 200, guest.text
    changing = ("now()", "uptime", "generateRandom", "system.", "INFORMATION_SCHEMA", "_schema", "SHOW", "FORMAT", ";")
    if not any(word in sql for word in changing):
        assert guest.body == shared_engine.own(sql, default_format="TabSeparated").body


def test_every_view_is_answered_and_described(shared_engine: EngineProcess) -> None:
    views = shared_engine.told("SELECT name FROM system.tables WHERE database = 'default' AND engine = 'View'").split()
    assert len(views) > 20
    for view in views:
        columns = shared_engine.told(f"DESCRIBE TABLE {view}").count("\n")
        assert shared_engine.told(f"SELECT * FROM {view} LIMIT 1 FORMAT TSVWithNames").count("\t") == columns - 1


def test_every_query_of_the_docs_is_answered(shared_engine: EngineProcess) -> None:
    pages = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    pages.remove(ROOT / "docs" / "trying.md")  # it shows refusals, too, and has a test of its own
    queries = [sql for page in pages for sql in re.findall(r'dompet query "([^"]+)"', page.read_text("utf-8"))]
    assert len(queries) > 3
    for sql in queries:
        assert shared_engine.ask(sql).status == 200, sql


def test_ad_hoc_filters_of_grafana_are_applied(shared_engine: EngineProcess) -> None:
    def told(condition: str) -> str:
        return shared_engine.told(
            f"SELECT n FROM scratch ORDER BY n settings additional_table_filters={{'scratch' : '{condition}'}}"
        )

    assert told(" n = 2 ") == "2\n"
    assert told(r" toString(n) LIKE \'%1%\' OR toString(n) = \'\\\'\\\\\' ") == "1\n"
    assert told(" n IN (SELECT 2 AS n) AND n > 1 /* a comment */") == "2\n"


def test_what_is_not_there_is_said_not_to_exist(shared_engine: EngineProcess) -> None:
    """pandas and SQLAlchemy take a text for a table's name where a table of that name is said to exist."""
    for what, exists in (
        ("TABLE scratch", 1),
        ("TABLE default.orders", 1),
        ("TABLE nothing", 0),
        ("TABLE `SELECT n, 'it\\'s' FROM scratch`", 0),
        ("TABLE nowhere.scratch", 0),
        ("TABLE `/etc/passwd`", 0),
        ("VIEW orders", 1),
        ("VIEW scratch", 0),
        ("DATABASE default", 1),
        ("DATABASE nowhere", 0),
        ("DICTIONARY nothing", 0),
    ):
        assert shared_engine.told(f"EXISTS {what}") == f"{exists}\n", what
        assert shared_engine.told(f"EXISTS {what} FORMAT TSVWithNames") == f"result\n{exists}\n"
