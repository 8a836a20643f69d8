"""Text from outside as it may be shown: what a terminal would obey, or an eye would miss, is written out.

Escape sequences move the cursor or rename the window, bidirectional marks turn an amount around, and zero-width
characters make two ids look alike (Unicode Technical Report 36, on visual spoofing).
"""

import unicodedata


def visible(text: str, allowed: str = "") -> str:
    r"""The text with its unprintable characters as escapes; those that are `allowed` stay.

    >>> visible("INV\x1b[2J\u202e1"), visible("a\nb", allowed="\n")
    ('INV\\x1b[2J\\u202e1', 'a\nb')
    """
    if text.isprintable():
        return text
    return "".join(_shown(one) if one not in allowed else one for one in text)


def _shown(character: str) -> str:
    # Of what Python calls unprintable, other blanks than the common one are harmless.
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    return character.encode("unicode_escape").decode("ascii")
