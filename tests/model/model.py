"""The model: the checks written once for all, then the function of the event's type."""

from collections.abc import Callable, Collection, Mapping
from itertools import chain
from types import SimpleNamespace

from tests.model import incentive_events, order_events, wallet_events
from tests.model.rules import Rulebook
from tests.model.state import MONEY, Books, Checks, Effects, Event, Order, OrderKey, Result, Wallet

TYPES: dict[str, Callable[[Books, Event], Checks]] = {
    "SaldoCredited": wallet_events.saldo_credited,
    "CoursePurchased": order_events.course_purchased,
    "PurchaseRefunded": order_events.purchase_refunded,
    "CourseRedeemed": order_events.course_redeemed,
    "AttendanceRecorded": order_events.attendance_recorded,
    "CourseCompleted": order_events.course_completed,
    "CourseReviewed": order_events.course_reviewed,
    "OrderCleared": order_events.order_cleared,
    "SurveySubmitted": incentive_events.survey_submitted,
    "IncentivePaid": incentive_events.incentive_paid,
    "IncentivePayoutFailed": incentive_events.incentive_payout_failed,
    "IncentiveReversed": incentive_events.incentive_reversed,
    "SaldoRevoked": wallet_events.saldo_revoked,
    "BeneficiarySanctioned": wallet_events.beneficiary_sanctioned,
    "ClawbackOrdered": incentive_events.clawback_ordered,
    "ClawbackRepaid": incentive_events.clawback_repaid,
}

SAID_BY_THE_PLATFORM = (
    "CoursePurchased",
    "PurchaseRefunded",
    "AttendanceRecorded",
    "CourseCompleted",
    "CourseReviewed",
)
MOST_MONEY = 10**12


class Model:
    """Applies events one at a time; `wallets` and `orders` are what they left behind."""

    def __init__(self, rules: Rulebook) -> None:
        self._books = Books(rules)
        self.wallets: dict[str, Wallet] = self._books.wallets
        self.orders: dict[OrderKey, Order] = self._books.orders

    def apply(self, event: Mapping[str, object]) -> Result:
        """What becomes of the event. The first check that holds decides; only if none does, the effect is reached."""
        e = SimpleNamespace(**event)
        money, flags = self._money(e), self._flags(e)
        checks = chain(self._shared(e), TYPES[e.type](self._books, e))
        verdict = next((verdict for holds, verdict in checks if holds), "accepted")
        if verdict == "duplicate":
            return Result("duplicate")
        if verdict != "accepted":
            return Result("rejected", verdict)
        changes = {name: after - money[name] for name, after in self._money(e).items()}
        return Result("accepted", "", self._flags(e)[len(flags) :], Effects(**changes))

    def _shared(self, e: Event) -> Checks:
        yield e.publisher_id not in self._authorised(e), "not_authorised"
        for name in ("amount", "price"):
            yield not 1 <= getattr(e, name, 1) <= MOST_MONEY, "invalid_amount"
        yield not 0 <= getattr(e, "commission", 0) <= getattr(e, "price", 0), "invalid_amount"

    def _authorised(self, e: Event) -> Collection[str]:
        if e.type in SAID_BY_THE_PLATFORM:
            return (e.platform_id,)
        if e.type == "CourseRedeemed":
            return (e.platform_id, e.institution_id)
        return self._books.rulebook.programme_publishers

    def _money(self, e: Event) -> dict[str, int]:
        wallet = self.wallets.get(e.beneficiary_id)
        return {name: getattr(wallet, name, 0) for name in MONEY}

    def _flags(self, e: Event) -> tuple[str, ...]:
        key = (e.beneficiary_id, getattr(e, "platform_id", ""), getattr(e, "order_id", ""))
        return self.orders[key].flags if key in self.orders else ()
