"""Names of output formats: which ones can be ClickHouse's."""

from typing import Final

_OF_PYTHON: Final = frozenset({"dataframe", "datastore", "arrowtable", "dbapi"})
"""What chDB takes for a wish of the Python program that it is part of, and answers with an object."""


def may_be_format(name: str) -> bool:
    """Whether an output format of ClickHouse may have this name.

    >>> may_be_format("CSVWithNames"), may_be_format("DataFrame"), may_be_format("CSV SETTINGS x = 1")
    (True, False, False)
    """
    return name.isidentifier() and name.lower() not in _OF_PYTHON
