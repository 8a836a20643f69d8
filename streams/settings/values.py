"""A setting's value: read as the type that is declared, from a flag, a variable or TOML, and within its bounds."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args, get_origin

_YES: Final = frozenset({"1", "on", "t", "true", "y", "yes"})
_NO: Final = frozenset({"0", "off", "f", "false", "n", "no"})


class WrongValue(ValueError):
    """A value is none of its setting's. `why` is its own sentence, where the declaration's does not do."""

    def __init__(self, name: str, value: object, why: ValueError | None = None) -> None:
        super().__init__(name)
        self.name = name
        self.value = value
        self.why = why


@dataclass(frozen=True)
class Bounds:
    """What a number must not be below (`ge`), must be above (`gt`) and must not be above (`le`); what a text must be
    (`pattern`, the whole of it).
    """

    ge: float | None = None
    gt: float | None = None
    le: float | None = None
    pattern: str | None = None

    def hold(self, value: Any) -> bool:
        """Whether the value lies within them."""
        return (
            (self.ge is None or value >= self.ge)
            and (self.gt is None or value > self.gt)
            and (self.le is None or value <= self.le)
            and (self.pattern is None or re.fullmatch(self.pattern, value) is not None)
        )


def read_as(declared: Any, value: object) -> Any:
    """The value as the type of an annotation. ValueError, OverflowError where it cannot be."""
    kinds = get_args(declared) if get_origin(declared) is not dict else ()
    if value is None and type(None) in kinds:
        return None
    kind = next((one for one in kinds if one is not type(None)), get_origin(declared) or declared)
    return _READERS[kind](value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError
    return value


def _path(value: object) -> Path:
    return value if isinstance(value, Path) else Path(_text(value))


def _number(value: object) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError
    return float(value)


def _whole(value: object) -> int:
    """A whole number; a text or a float that is one counts."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\s*[+-]?[0-9]{1,18}\s*", value):
        return int(value)
    number = _number(value)
    if not number.is_integer():
        raise ValueError
    return int(number)


def _yes_or_no(value: object) -> bool:
    word = str(value).lower()
    if word not in _YES | _NO:
        raise ValueError
    return word in _YES


def _texts(value: object) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError
    return {_text(name): _text(one) for name, one in value.items()}


_READERS: Final[Mapping[Any, Callable[[object], Any]]] = {
    str: _text,
    Path: _path,
    float: _number,
    int: _whole,
    bool: _yes_or_no,
    dict: _texts,
}
