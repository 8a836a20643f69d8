"""What an inbox held and the log is not given → the inbox's dead letters, bytes unchanged, with the reason."""

from collections.abc import Iterator, Mapping
from typing import Any

from dompet.schemas.decode import Decoded
from dompet.schemas.guids import HEADER
from dompet.schemas.wire import header_of
from dompet.streams.dead_letters.producer import DeadLetters
from dompet.streams.process.patience import Patience
from dompet.streams.router.inboxes import Inbox


class InboxLetters(DeadLetters):
    """Those of one inbox. A value whose schema id was in a header has it there again."""

    def _headers(self, decoded: Decoded, row: int) -> Iterator[tuple[str, str | bytes | None]]:
        yield from super()._headers(decoded, row)
        ids = decoded.records.header_ids
        if ids is not None and ids[row] >= 0:
            yield HEADER, header_of(int(ids[row]))


class AllLetters:
    """Those of all inboxes, each with a producer of its own once it is needed: most inboxes have none."""

    def __init__(self, kafka: Mapping[str, Any], patience: Patience) -> None:
        self._kafka = kafka
        self._patience = patience
        self._inboxes: dict[str, InboxLetters] = {}

    def send(self, inbox: Inbox, refused: Decoded) -> None:
        """Send what was refused, at least once: the place in the inbox identifies each. Waits for the broker as long as
        the settings say. DeadLettersRefused where it will never take them.
        """
        if refused.dead:
            letters = self._inboxes.get(inbox.topic)
            if letters is None:
                letters = self._inboxes[inbox.topic] = InboxLetters(self._kafka, inbox.topic, inbox.dead_letters)
            self._patience.through(letters.send, refused)
