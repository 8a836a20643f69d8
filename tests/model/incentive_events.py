"""The events of incentives, surveys and clawbacks."""

from tests.model.state import Books, Checks, Event, again


def survey_submitted(books: Books, e: Event) -> Checks:
    """The beneficiary answered a survey."""
    yield e.beneficiary_id not in books.wallets, "unknown_wallet"
    wallet = books.wallets[e.beneficiary_id]
    rules = books.rulebook.named(wallet.rules)
    yield e.survey_no not in range(1, rules.survey_times + 1), "invalid_survey"
    bit = 1 << (e.survey_no - 1)
    yield bool(wallet.surveys & bit), "duplicate"
    yield wallet.status in ("revoked", "blacklisted"), "wallet_closed"
    yield not wallet.entitled, "not_entitled"

    wallet.surveys |= bit
    wallet.incentive_due += rules.survey_amount


def incentive_paid(books: Books, e: Event) -> Checks:
    """An incentive was paid out."""
    payout = ("payout", e.beneficiary_id, e.payout_id)
    yield payout in books.references, again(books.references.get(payout) == e.amount, "reference_conflict")
    yield ("failed payout", e.beneficiary_id, e.payout_id) in books.references, "payout_failed_before"
    yield e.beneficiary_id not in books.wallets, "unknown_wallet"
    wallet = books.wallets[e.beneficiary_id]
    yield wallet.status == "suspended", "wallet_suspended"
    yield wallet.status in ("revoked", "blacklisted"), "wallet_closed"
    yield wallet.incentive_paid + e.amount > wallet.incentive_due, "exceeds_entitlement"

    books.references[payout] = e.amount
    wallet.incentive_paid += e.amount


def incentive_payout_failed(books: Books, e: Event) -> Checks:
    """A payout did not arrive."""
    failed = ("failed payout", e.beneficiary_id, e.payout_id)
    yield failed in books.references, "duplicate"
    yield ("payout", e.beneficiary_id, e.payout_id) in books.references, "payout_paid_before"
    yield e.beneficiary_id not in books.wallets, "unknown_wallet"

    books.references[failed] = e.amount
    books.wallets[e.beneficiary_id].payout_failures += 1


def incentive_reversed(books: Books, e: Event) -> Checks:
    """The bank sent a payout back."""
    payout = ("payout", e.beneficiary_id, e.payout_id)
    back = ("reversed payout", e.beneficiary_id, e.payout_id)
    yield back in books.references, again(books.references.get(back) == e.amount, "reference_conflict")
    yield payout not in books.references, "unknown_payout"
    yield e.amount != books.references[payout], "amount_mismatch"

    books.references[back] = e.amount
    books.wallets[e.beneficiary_id].incentive_paid -= e.amount


def clawback_ordered(books: Books, e: Event) -> Checks:
    """The state asks money back."""
    clawback = ("clawback", e.beneficiary_id, e.clawback_id)
    yield clawback in books.references, again(books.references.get(clawback) == e.amount, "reference_conflict")
    yield e.beneficiary_id not in books.wallets, "unknown_wallet"
    wallet = books.wallets[e.beneficiary_id]
    received = wallet.spent - wallet.refunded + wallet.incentive_paid
    yield wallet.clawback_ordered + e.amount > received, "exceeds_received"

    books.references[clawback] = e.amount
    wallet.clawback_ordered += e.amount


def clawback_repaid(books: Books, e: Event) -> Checks:
    """Money asked back came in."""
    repayment = ("repayment", e.beneficiary_id, e.repayment_id)
    clawback = ("clawback", e.beneficiary_id, e.clawback_id)
    yield repayment in books.references, again(books.references.get(repayment) == e.amount, "reference_conflict")
    yield clawback not in books.references, "unknown_clawback"
    repaid = books.repaid.get((e.beneficiary_id, e.clawback_id), 0)
    yield repaid + e.amount > books.references[clawback], "exceeds_clawback"

    books.references[repayment] = e.amount
    books.repaid[e.beneficiary_id, e.clawback_id] = repaid + e.amount
    books.wallets[e.beneficiary_id].clawback_repaid += e.amount
