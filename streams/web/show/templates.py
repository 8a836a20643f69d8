"""Templates, made once; everything that they are given is escaped unless it is drawn here."""

import hashlib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jinja2 import Environment, PackageLoader, StrictUndefined

from dompet.streams.web.show.cells import address
from dompet.streams.web.show.faults import fault
from dompet.streams.web.show.language import LANGUAGES, NAMES, Language
from dompet.streams.web.show.words import word

_KINDS: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}


@cache
def static_files() -> Mapping[str, tuple[bytes, str]]:
    """The files that pages load, by name: their bytes and what they are."""
    folder = files("dompet.streams.web") / "static"
    found = ((one.name, one) for one in folder.iterdir())
    return {
        name: (one.read_bytes(), _KINDS["." + name.rpartition(".")[2]])
        for name, one in found
        if "." + name.rpartition(".")[2] in _KINDS
    }


@cache
def digest() -> str:
    """Names this very state of those files: they are kept by browsers for ever under it."""
    content_hash = hashlib.sha256()
    for name, (content, _) in sorted(static_files().items()):
        content_hash.update(name.encode() + content)
    return content_hash.hexdigest()[:12]


def static(name: str) -> str:
    """Where a file is loaded from."""
    if name not in static_files():
        raise KeyError(name)
    return f"/static/{digest()}/{name}"


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("dompet.streams.web", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.globals.update(static=static, fault_of=fault, address=address, word=word, LANGUAGES=LANGUAGES, NAMES=NAMES)
    return made


def rendered(template: str, language: Language, **context: Any) -> str:
    """A template in a language."""
    return _environment().get_template(template).render(_=language.text, language=language, **context)
