"""What the engine refuses, and ClickHouse's exceptions, as ClickHouse's HTTP interface says them."""

import re
from typing import Final

from dompet.schemas.errors import DompetError

SYNTAX_ERROR: Final = 62
BAD_ARGUMENTS: Final = 36
UNKNOWN_FUNCTION: Final = 46
NOT_IMPLEMENTED: Final = 48
UNKNOWN_TABLE: Final = 60
UNKNOWN_FORMAT: Final = 73
UNKNOWN_DATABASE: Final = 81
UNKNOWN_SETTING: Final = 115
TIMEOUT_EXCEEDED: Final = 159
TOO_MANY_QUERIES: Final = 202
QUERY_WITH_SAME_ID: Final = 216
SOCKET_TIMEOUT: Final = 209
NETWORK_ERROR: Final = 210
TOO_MANY_BYTES: Final = 307
CANCELLED: Final = 394
UNKNOWN_PARAMETER: Final = 456
ACCESS_DENIED: Final = 497
AUTHENTICATION_FAILED: Final = 516
STD_EXCEPTION: Final = 1001

_NAMES: Final = {
    SYNTAX_ERROR: "SYNTAX_ERROR",
    BAD_ARGUMENTS: "BAD_ARGUMENTS",
    UNKNOWN_FUNCTION: "UNKNOWN_FUNCTION",
    NOT_IMPLEMENTED: "NOT_IMPLEMENTED",
    UNKNOWN_TABLE: "UNKNOWN_TABLE",
    UNKNOWN_FORMAT: "UNKNOWN_FORMAT",
    UNKNOWN_DATABASE: "UNKNOWN_DATABASE",
    UNKNOWN_SETTING: "UNKNOWN_SETTING",
    TIMEOUT_EXCEEDED: "TIMEOUT_EXCEEDED",
    TOO_MANY_QUERIES: "TOO_MANY_SIMULTANEOUS_QUERIES",
    QUERY_WITH_SAME_ID: "QUERY_WITH_SAME_ID_IS_ALREADY_RUNNING",
    SOCKET_TIMEOUT: "SOCKET_TIMEOUT",
    NETWORK_ERROR: "NETWORK_ERROR",
    TOO_MANY_BYTES: "TOO_MANY_BYTES",
    CANCELLED: "QUERY_WAS_CANCELLED",
    UNKNOWN_PARAMETER: "UNKNOWN_QUERY_PARAMETER",
    ACCESS_DENIED: "ACCESS_DENIED",
    AUTHENTICATION_FAILED: "AUTHENTICATION_FAILED",
    STD_EXCEPTION: "STD_EXCEPTION",
}
"""ClickHouse's names of the codes that the engine gives itself (ErrorCodes.cpp)."""

_STATUS: Final[dict[int, frozenset[int]]] = {
    400: frozenset({6, 26, 27, 33, 36, 38, 41, 42, 43, 44, 53, 62, 69, 70, 72, 117, 131, 407, 441}),
    401: frozenset({194}),
    403: frozenset({192, 193, 195, 497, 516}),
    404: frozenset({46, 47, 50, 56, 60, 63, 73, 81, 115, 336}),
    408: frozenset({159}),
    413: frozenset({158, 307, 396}),
    429: frozenset({202}),
    501: frozenset({48, 303, 344}),
    503: frozenset({76, 209, 210}),
}
"""HTTP's status for a code; ClickHouse's own choice (exceptionCodeToHTTPStatus), but for busy, denied and too much."""

_CODE: Final = re.compile(r"\bCode: (\d+)\b")
_SAID: Final = re.compile(r"\A(?:\w+: )*?Code: (\d+)\. (?:DB::Exception: )?")


class Refusal(DompetError):
    """A query that is not run, or that failed: ClickHouse's code, and its sentence."""

    def __init__(self, code: int, sentence: str, retry_after_s: int = 0) -> None:
        super().__init__(sentence)
        self.code = code
        self.retry_after_s = retry_after_s

    @property
    def status(self) -> int:
        """HTTP's status."""
        return next((status for status, codes in _STATUS.items() if self.code in codes), 500)

    def text(self, version: str) -> str:
        """What clients read, in ClickHouse's form: they look for the code and for the name in brackets."""
        said = str(self)
        if self.code in _NAMES and not said.endswith(f"({_NAMES[self.code]})"):
            said = f"{said.rstrip('.')}. ({_NAMES[self.code]})"
        return f"Code: {self.code}. DB::Exception: {said} (version {version})\n"


def failure(said: str) -> Refusal:
    """What chDB said as an exception of ours, without the trail that it adds for developers."""
    message = said.split("Stack trace:", maxsplit=1)[0].strip()
    found = _CODE.search(message)
    return Refusal(int(found[1]) if found else STD_EXCEPTION, _SAID.sub("", message) or "nothing was said")
