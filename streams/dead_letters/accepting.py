"""Dead letters that somebody has looked at and takes, however many they are: kept, so that the flood guard lets them
pass in every worker and after every restart.
"""

import logging

from dompet.streams.dead_letters.actions import (
    ACCEPT,
    DONE,
    Ledger,
    acting_user,
    new_action,
    read_actions,
    write_actions,
)
from dompet.streams.parsing.places import read_place
from dompet.streams.settings import Settings

log = logging.getLogger("dompet")


def accept_dead_letters(ledger: Ledger, settings: Settings) -> None:
    """Write down what the settings accept, once."""
    if not settings.accept_dead_until:
        return
    topic = settings.topics.log.name
    places = dict.fromkeys(read_place(text) for text in settings.accept_dead_until.split(","))
    known = {one.place for one in read_actions(ledger, topic, places) if one.kind == ACCEPT}
    new = [new_action(topic, place, ACCEPT, DONE, acting_user(None)) for place in places if place not in known]
    if new:
        write_actions(ledger, new)
    for one in new:
        log.info("partition %d: dead letters up to offset %d are accepted by %s", *one.place, one.acted_by)
