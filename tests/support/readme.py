"""The README's table of settings, made from their declaration: `python -m tests.support.readme` writes it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from dompet.streams.settings.declaration import declared_settings
from dompet.streams.settings.declaring import OTHER_VARIABLES

README: Final = Path(__file__).parents[2] / "README.md"
_BEGIN: Final = "<!-- settings:begin -->\n"
_END: Final = "<!-- settings:end -->\n"


def with_settings_table(readme: str) -> str:
    """The README with the table as the settings are declared."""
    before, _, rest = readme.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    return "".join([before, _BEGIN, *(f"{row}\n" for row in _rows()), _END, after])


def _rows() -> Iterator[str]:
    yield from ("| setting | default | |", "| --- | --- | --- |")
    for one in declared_settings().values():
        default = one.default if " " in one.default else f"`{one.default}`" if one.default else "none"
        pages = ", ".join(f"[{page.replace('-', ' ')}](docs/{page}.md)" for page in one.pages)
        yield f"| `{one.variable}` | {default} | {one.sentence}{f' ({pages})' if pages else ''} |"
    for variable, sentence in OTHER_VARIABLES.items():
        yield f"| `{variable}` | none | {sentence} |"


if __name__ == "__main__":
    README.write_text(with_settings_table(README.read_text("utf-8")), "utf-8")
