"""Values as SQL has them. The same as clickhouse-driver's, which a command that asks an engine need not load."""

from typing import Any, Final

_ESCAPES: Final = str.maketrans(
    {
        "\b": r"\b",
        "\f": r"\f",
        "\r": r"\r",
        "\n": r"\n",
        "\t": r"\t",
        "\0": r"\0",
        "\a": r"\a",
        "\v": r"\v",
        "\\": r"\\",
        "'": r"\'",
    }
)


def literal(value: Any) -> str:
    r"""A text, a number, None, or a list or tuple of them as SQL has it; TypeError for anything else.

    >>> literal("it's"), literal(("a", 1)), literal(None)
    ("'it\\'s'", "('a', 1)", 'NULL')
    """
    match value:
        case None:
            return "NULL"
        case str():
            return f"'{value.translate(_ESCAPES)}'"
        case int() | float():
            return str(value)
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case tuple():
            return f"({', '.join(map(literal, value))})"
    raise TypeError(f"{type(value).__name__} is no value for SQL")
