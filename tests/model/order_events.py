"""The events of an order, from purchase to review, and the entitlement it may bring."""

from tests.model.rules import MINUTE
from tests.model.state import HOLDING_FLAGS, Books, Checks, Event, Order, Wallet, again, order_key


def course_purchased(books: Books, e: Event) -> Checks:
    """A course is bought from the balance."""
    if order_key(e) in books.orders:
        old = books.orders[order_key(e)]
        terms = (e.course_id, e.institution_id, e.price, e.commission)
        same = (old.course_id, old.institution_id, old.price, old.commission) == terms
        yield True, again(same, "order_conflict")
    yield e.beneficiary_id not in books.wallets, "unknown_wallet"
    wallet = books.wallets[e.beneficiary_id]
    rules = books.rulebook.named(wallet.rules)
    yield wallet.closed, "wallet_closed"
    yield wallet.status == "suspended", "wallet_suspended"
    yield wallet.purchases == 0 and e.occurred_at > wallet.first_purchase_due, "first_purchase_late"
    yield e.occurred_at > wallet.spend_by, "after_spend_by"
    yield rules.one_open_course and wallet.open_orders > 0, "previous_course_open"
    yield e.price > wallet.balance, "insufficient_balance"

    order = Order(
        course_id=e.course_id,
        institution_id=e.institution_id,
        price=e.price,
        commission=e.commission,
        purchased_at=e.occurred_at,
    )
    order.flag("commission_above_cap", e.commission * 10_000 > e.price * rules.commission_cap_bp)
    books.orders[order_key(e)] = order
    wallet.balance -= e.price
    wallet.spent += e.price
    wallet.purchases += 1
    wallet.open_orders += 1


def purchase_refunded(books: Books, e: Event) -> Checks:
    """A purchase is undone."""
    yield order_key(e) not in books.orders, "unknown_order"
    order, wallet = books.orders[order_key(e)], books.wallets[e.beneficiary_id]
    yield order.refunded, again(e.amount == order.price, "refund_conflict")
    yield order.completed_at is not None, "order_completed"
    yield e.amount != order.price, "amount_mismatch"

    order.refunded = True
    wallet.refunded += e.amount
    wallet.open_orders -= 1
    if wallet.closed:
        wallet.returned += e.amount
    else:
        wallet.balance += e.amount


def course_redeemed(books: Books, e: Event) -> Checks:
    """The purchase is redeemed at the institution."""
    yield order_key(e) not in books.orders, "unknown_order"
    order = books.orders[order_key(e)]
    yield e.institution_id != order.institution_id, "institution_mismatch"
    yield order.redeemed_at is not None, "duplicate"
    yield order.refunded, "order_refunded"
    yield e.occurred_at < order.purchased_at, "redeemed_before_purchase"

    order.redeemed_at = e.occurred_at


def attendance_recorded(books: Books, e: Event) -> Checks:
    """A session of the course was attended, or not."""
    yield order_key(e) not in books.orders, "unknown_order"
    order = books.orders[order_key(e)]
    yield e.session not in range(1, 61), "invalid_session"
    bit = 1 << (e.session - 1)
    yield bool(order.sessions & bit), again(bool(order.attended & bit) == e.present, "attendance_conflict")
    yield order.refunded, "order_refunded"

    order.sessions |= bit
    if e.present:
        order.attended |= bit


def course_completed(books: Books, e: Event) -> Checks:
    """The platform says that the course was completed."""
    yield order_key(e) not in books.orders, "unknown_order"
    order, wallet = books.orders[order_key(e)], books.wallets[e.beneficiary_id]
    rules = books.rulebook.named(wallet.rules)
    yield order.completed_at is not None, again(e.certificate_id == order.certificate_id, "completion_conflict")
    yield order.refunded, "order_refunded"
    yield e.occurred_at < order.purchased_at, "completed_before_purchase"

    order.completed_at = e.occurred_at
    order.certificate_id = e.certificate_id
    order.score = e.score
    wallet.open_orders -= 1
    order.flag("completed_without_redemption", rules.redemption_required and order.redeemed_at is None)
    order.flag("completed_without_attendance", rules.attendance_required and order.attended == 0)
    begun_at = order.purchased_at if order.redeemed_at is None else order.redeemed_at
    order.flag("completed_too_fast", e.occurred_at - begun_at < rules.min_completion_minutes * MINUTE)
    entitle(books, wallet, order)


def course_reviewed(books: Books, e: Event) -> Checks:
    """The beneficiary reviewed the course."""
    yield order_key(e) not in books.orders, "unknown_order"
    order, wallet = books.orders[order_key(e)], books.wallets[e.beneficiary_id]
    yield order.reviewed_at is not None, again(e.rating == order.rating, "review_conflict")
    yield order.completed_at is None, "not_completed"
    yield e.rating not in range(1, 6), "invalid_rating"

    order.reviewed_at = e.occurred_at
    order.rating = e.rating
    entitle(books, wallet, order)


def order_cleared(books: Books, e: Event) -> Checks:
    """An officer looked at a flagged order and found nothing wrong."""
    yield order_key(e) not in books.orders, "unknown_order"
    order, wallet = books.orders[order_key(e)], books.wallets[e.beneficiary_id]
    yield order.cleared, "duplicate"
    yield order.completed_at is None, "not_completed"
    yield not order.flags, "no_flags"

    order.cleared = True
    entitle(books, wallet, order)


def entitle(books: Books, wallet: Wallet, order: Order) -> None:
    """The first order that is done as it should be entitles to incentives, once; a doubtful one holds them back."""
    rules = books.rulebook.named(wallet.rules)
    if wallet.entitled or wallet.status in ("revoked", "blacklisted"):
        return
    if order.completed_at is None or order.refunded:
        return
    if rules.review_required and order.reviewed_at is None:
        return
    if set(order.flags) & set(HOLDING_FLAGS) and not order.cleared:
        wallet.held = True
    else:
        wallet.entitled = True
        wallet.held = False
        wallet.incentive_due += rules.incentive_times * rules.incentive_amount
