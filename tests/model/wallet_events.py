"""The events that open, close and suspend a wallet."""

from tests.model.rules import DAY
from tests.model.state import Books, Checks, Event, Wallet, again


def saldo_credited(books: Books, e: Event) -> Checks:
    """The state credits a training balance."""
    credit = ("credit", e.beneficiary_id, e.credit_id)
    yield credit in books.references, again(books.references.get(credit) == e.amount, "reference_conflict")
    wallet = books.wallets.get(e.beneficiary_id)
    yield wallet is not None and wallet.closed, "wallet_closed"
    if wallet is None:
        rules = books.rulebook.at(e.occurred_at)
        yield rules is None, "no_rules"
        assert rules is not None
        wallet = Wallet(
            rules=rules.name,
            wave=e.wave,
            decree=e.decree,
            first_purchase_due=e.occurred_at + rules.first_purchase_days * DAY,
            spend_by=rules.spend_by(e.occurred_at),
        )
    yield wallet.credits == books.rulebook.named(wallet.rules).max_credits, "already_credited"

    books.references[credit] = e.amount
    books.wallets[e.beneficiary_id] = wallet
    wallet.credits += 1
    wallet.credited += e.amount
    wallet.balance += e.amount


def saldo_revoked(books: Books, e: Event) -> Checks:
    """The unspent balance returns to the state."""
    yield e.beneficiary_id not in books.wallets, "unknown_wallet"
    wallet = books.wallets[e.beneficiary_id]
    yield wallet.closed, "duplicate"
    if e.reason == "first_purchase_deadline":
        yield wallet.purchases > 0 or not e.occurred_at > wallet.first_purchase_due, "not_due"
    if e.reason == "spend_by":
        yield not e.occurred_at > wallet.spend_by, "not_due"
    yield e.reason not in ("first_purchase_deadline", "spend_by", "ineligible", "sanction"), "invalid_reason"

    wallet.close("expired" if e.reason in ("first_purchase_deadline", "spend_by") else "revoked")


def beneficiary_sanctioned(books: Books, e: Event) -> Checks:
    """A person is suspended, reinstated or blacklisted."""
    sanction = ("sanction", e.beneficiary_id, e.event_id)
    yield sanction in books.references, "duplicate"
    yield e.beneficiary_id not in books.wallets, "unknown_wallet"
    wallet = books.wallets[e.beneficiary_id]
    yield e.sanction not in ("suspend", "reinstate", "blacklist"), "invalid_sanction"
    if e.sanction == "suspend":
        yield wallet.status == "suspended", "duplicate"
        yield wallet.closed, "wallet_closed"
    if e.sanction == "reinstate":
        yield wallet.status == "active", "duplicate"
        yield wallet.closed, "wallet_closed"
    if e.sanction == "blacklist":
        yield wallet.status == "blacklisted", "duplicate"

    books.references[sanction] = 0
    if e.sanction == "suspend":
        wallet.status = "suspended"
    if e.sanction == "reinstate":
        wallet.status = "active"
    if e.sanction == "blacklist":
        wallet.close("blacklisted")
