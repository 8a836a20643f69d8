"""chDB itself, in a process that has nothing else to do: what a long answer takes in each format.

Run it as `python -m tests.bench.run_chdb FOLDER --rows N`; the rows are made in the folder where it is new. Prints a
line of JSON: by format, seconds.
"""

import argparse
import json
import time
from contextlib import closing
from pathlib import Path
from typing import Final

from dompet.streams.warehouse.engine import connect

FORMATS: Final = ("Native", "Arrow")
SQL: Final = "SELECT * FROM bench_rows"
_MADE: Final = """
CREATE TABLE bench_rows ENGINE = MergeTree ORDER BY beneficiary_id AS
SELECT concat('b-', leftPad(toString(number), 9, '0')) AS beneficiary_id,
       CAST(concat('platform-', toString(number % 8)) AS LowCardinality(String)) AS platform_id,
       toInt64(number * 7919 % 1000000) AS balance, toInt32(number % 5) AS purchases,
       toDateTime(1586505600 + number, 'UTC') AS spend_by, toDate('2020-04-10') + number % 300 AS spend_by_on,
       if(number % 3 = 0, NULL, toInt64(number)) AS score
FROM numbers({rows})
"""


def main() -> None:
    """See above."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--rows", type=int, required=True)
    options = parser.parse_args()
    is_new = not options.folder.exists()
    found = {}
    with closing(connect(options.folder)) as connection:
        if is_new:
            connection.query(_MADE.format(rows=options.rows))
        for form in FORMATS:
            for _ in range(2):  # the first reads from the disk
                began_s = time.perf_counter()
                bytes(connection._conn.query(SQL, form).bytes())
                found[form] = time.perf_counter() - began_s
    print(json.dumps(found))


if __name__ == "__main__":
    main()
