"""Redriving as commands do it: letters or rejected events, with what was rejected later, in the log's order."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from dompet.schemas.errors import DompetError
from dompet.streams.dead_letters.actions import Action
from dompet.streams.dead_letters.letters import Letter
from dompet.streams.kafka.records import LogReader, reading
from dompet.streams.parsing.places import Place
from dompet.streams.redrive.consequences import Event
from dompet.streams.redrive.drive import Item, Redriver, Refused
from dompet.streams.redrive.letter_items import Correction, event_of, in_order, item_of
from dompet.streams.redrive.rejected import as_items, later_than, order_of, rejected_of
from dompet.streams.settings import Settings
from dompet.streams.warehouse.client import WarehouseClient, warehouse_client


@dataclass
class Plan:
    """What is to be published, in order; `because` says why some of it is left out."""

    items: list[Item] = field(default_factory=list)
    because: dict[Place, str] = field(default_factory=dict)
    later: set[Place] = field(default_factory=set)

    @property
    def left(self) -> list[Item]:
        """What is published."""
        return [item for item in self.items if item.place not in self.because]


@dataclass(frozen=True)
class RedriveSession:
    """What redriving needs at hand: the warehouse, the log, and somebody who does it."""

    client: WarehouseClient
    reader: LogReader
    redriver: Redriver

    def letters(
        self, letters: Sequence[Letter], correction: Correction | None, *, rekey: bool, even_if_dead: bool, later: bool
    ) -> Plan:
        """The plan for dead letters, and for what was rejected later because of them."""
        items = {letter.place: item_of(letter, correction, rekey=rekey) for letter in letters}
        failed = [event for letter in letters if (event := event_of(letter, items[letter.place])) is not None]
        after = self._after(failed) if later else []
        of_letters = [((one.recorded_at_us, *one.place), items[one.place]) for one in letters]
        plan = self._plan(of_letters, after)
        if not even_if_dead:
            count = self.reader.partition_count()
            for item in plan.items:
                if fault := item.fault(count):
                    plan.because[item.place] = f"it would be a dead letter again: {fault} (--even-if-dead)"
        return plan

    def rejected(self, chosen: set[Place], of_people: Sequence[Event], *, later: bool) -> Plan:
        """The plan for rejected events among those of their people, and for what was rejected later because of them."""
        failed = [event for event in of_people if Place(event["partition"], event["offset"]) in chosen]
        after = later_than(failed, of_people) if later else []
        items = as_items(self.reader, failed)
        return self._plan([(order_of(event), item) for event, item in zip(failed, items, strict=True)], after)

    def restrict(self, plan: Plan, *, force: bool) -> Plan:
        """The same plan without what may not be redriven unless forced."""
        if not force:
            plan.because.update(self.redriver.refusals([item.place for item in plan.items]))
        return plan

    def carry_out(self, plan: Plan, *, force: bool) -> tuple[list[Action], list[Refused]]:
        """Publish what the plan leaves; what was done, and what was refused."""
        done, refused = self.redriver.redrive(plan.left, force=force)
        return done, [*(Refused(*one) for one in plan.because.items()), *refused]

    def _after(self, failed: Sequence[Event]) -> list[Event]:
        people = [str(event["beneficiary_id"]) for event in failed]
        return later_than(sorted(failed, key=order_of), rejected_of(self.client, people))

    def _plan(self, found: list[tuple[tuple[int, int, int], Item]], after: Sequence[Event]) -> Plan:
        items = as_items(self.reader, after)
        more = [(order_of(event), item) for event, item in zip(after, items, strict=True)]
        return Plan(in_order([*found, *more]), later={item.place for item in items})


@contextmanager
def redrive_session(settings: Settings, by: str) -> Iterator[RedriveSession]:
    """A redrive session on the settings' warehouse and log, while the block runs; DompetError where one is away."""
    kafka, topic = settings.kafka_settings(), settings.topics.log.name
    with warehouse_client(settings) as opened, reading(kafka, topic) as reader:
        yield RedriveSession(opened, reader, Redriver(opened, reader, kafka, topic, by))


def all_or_nothing(plan: Plan, named: Sequence[Place]) -> None:
    """DompetError where a record that somebody named is left out: then nothing is published."""
    for place in named:
        if place in plan.because:
            raise DompetError(f"{place} is not redriven: {plan.because[place]}{_forcing(plan.because[place])}")


def _forcing(why: str) -> str:
    return "" if "(--" in why or "try in a minute" in why else " (--force redrives it all the same)"


def redrive(
    at: RedriveSession,
    plan: Plan,
    named: Sequence[Place],
    *,
    force: bool,
    dry_run: bool,
    on_plan: Callable[[str, Sequence[Item], Mapping[Place, str]], None],
    on_done: Callable[[Sequence[Action], Sequence[Refused]], None],
) -> None:
    """Carry a plan out, or only show it; records that are `named` are all redriven, or none is."""
    at.restrict(plan, force=force)
    if dry_run:
        on_plan("Would be redriven", plan.items, plan.because)
        return
    all_or_nothing(plan, named)
    on_done(*at.carry_out(plan, force=force))
