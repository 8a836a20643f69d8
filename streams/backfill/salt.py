"""The salt of pseudonyms: a secret, so never in a file of the mapping."""

import os
from typing import Final

from dompet.streams.backfill.mapping import MappingFile

_SALT_CHARACTERS_MIN: Final = 16


def salt_of(file: MappingFile) -> bytes:
    """What the environment variable holds that the mapping names; b"" where it names none.

    Raises MappingError where it is not set, or so short that it could be guessed.
    """
    name = file.mapping.salt
    if name is None:
        return b""
    salt = os.environ.get(name, "")
    if len(salt) < _SALT_CHARACTERS_MIN:
        must = f"must be a secret text of {_SALT_CHARACTERS_MIN} characters or more"
        why = f"has {len(salt)} characters" if salt else "is not set"
        raise file.wrong(f"the environment variable {name} {why}: it {must}", "salt")
    return salt.encode("utf-8", "surrogateescape")
