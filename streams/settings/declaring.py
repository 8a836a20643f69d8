"""How a setting is declared: flags, their help, error sentences and the README's table are made from that."""

from collections.abc import Mapping
from dataclasses import Field, dataclass, field
from types import MappingProxyType
from typing import Any, Final, get_args

from dompet.streams.process.logs import DEBUG
from dompet.streams.settings.values import Bounds

PREFIX: Final = "DOMPET_"
KAFKA_PREFIX: Final = f"{PREFIX}KAFKA__"

OTHER_VARIABLES: Final[Mapping[str, str]] = MappingProxyType(
    {
        f"{KAFKA_PREFIX}…": f"Any setting of librdkafka, such as `{KAFKA_PREFIX}SASL_USERNAME`",
        DEBUG: "If not empty, everything is logged, and a fault of dompet's own shows its trace",
    }
)
"""The variables that dompet reads and that are no fields of Settings."""


@dataclass(frozen=True)
class Declared:
    """A setting as people see it."""

    name: str
    type: Any
    """What the flag's text is read as."""
    metavar: str
    sentence: str
    """What it is for, without a full stop."""
    default: str
    """The value in force where none is given; empty where there is none."""
    pages: tuple[str, ...]
    """The pages of docs/ that say more."""

    @property
    def variable(self) -> str:
        """The environment variable that gives it."""
        return variable_of(self.name)

    @property
    def flag(self) -> str:
        """The flag that gives it."""
        return flag_of(self.name)

    @property
    def help(self) -> str:
        """The flag's help, in rich's markup."""
        default = f" (default: {self.default})" if self.default else ""
        return f"{self.sentence}{default} [dim]{self.variable}[/]"


def variable_of(name: str) -> str:
    """The environment variable of a setting."""
    return f"{PREFIX}{name.upper()}"


def flag_of(name: str) -> str:
    """The flag of a setting."""
    return f"--{name.replace('_', '-')}"


def setting(
    default: object,
    metavar: str,
    sentence: str,
    must: str,
    *,
    shown: str = "",
    pages: tuple[str, ...] = (),
    **bounds: Any,
) -> Any:
    """A field of Settings. `must` says what a value must be, with its bounds in braces: `a port from {ge} to {le}`.
    `shown` is the default in words, where the value itself says too little; `bounds` are those of Bounds.
    """
    about = {"metavar": metavar, "sentence": sentence, "shown": shown, "pages": pages}
    return field(default=default, metadata={**about, "must": must.format(**bounds), "bounds": Bounds(**bounds)})


def declared(one: Field[Any]) -> Declared:
    """What `setting` declared of a field."""
    about = one.metadata
    types = [kind for kind in get_args(one.type) if kind is not type(None)] or [one.type]
    default = about["shown"] or ("" if one.default is None else str(one.default))
    return Declared(one.name, types[0], about["metavar"], about["sentence"], default, about["pages"])
