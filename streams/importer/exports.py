"""Which file is which: the files given, by the input whose pattern their names match."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from dompet.schemas.errors import DompetError
from dompet.streams.importer.mapping import MappingFile


@dataclass(frozen=True)
class Export:
    """The files of each input, in the order given."""

    files: dict[str, tuple[Path, ...]]

    @property
    def size(self) -> int:
        """Of all files together, in bytes."""
        return sum(path.stat().st_size for paths in self.files.values() for path in paths)

    def digest(self, progress: Callable[[int], None]) -> str:
        """SHA-256 of what the files hold, and for which input; `progress` receives the bytes read so far."""
        digest, done = hashlib.sha256(), 0
        for name, paths in sorted(self.files.items()):
            for path in paths:
                with path.open("rb") as file:
                    content = hashlib.file_digest(file, "sha256").hexdigest()
                digest.update(f"{name} {content}\n".encode())
                done += path.stat().st_size
                progress(done)
        return digest.hexdigest()


def export_of(file: MappingFile, paths: Sequence[Path]) -> Export:
    """The files by their input. DompetError where one has no input or two, or where an input has no file."""
    inputs = file.mapping.inputs
    found: dict[str, list[Path]] = {name: [] for name in inputs}
    for path in paths:
        names = [name for name, given in inputs.items() if fnmatchcase(path.name, given.file)]
        if len(names) != 1:
            patterns = ", ".join(given.file for given in inputs.values())
            why = f"two inputs, {names[0]} and {names[1]}, take it" if names else f"no input takes it ({patterns})"
            raise DompetError(f"{path}: by {file.source}, {why}")
        found[names[0]].append(path)
    for name, given in inputs.items():
        if not found[name]:
            raise file.wrong(
                f"the input {name} has no file: none of those given is called {given.file}", "inputs", name
            )
    return Export({name: tuple(several) for name, several in found.items()})
