"""`dompet exceptions`: money that moved outside though the event was rejected."""

from typing import TYPE_CHECKING, Annotated, Final

import typer

from dompet.streams.command_line.taking import with_settings
from dompet.streams.commands import flags

if TYPE_CHECKING:
    from dompet.streams.settings import Settings

PLACE: Final = ("Answers", 5)


@with_settings("warehouse", "home")
def exceptions(
    settings: "Settings",
    unsettled: Annotated[bool, typer.Option("--open", help="Only what no later event settled.")] = False,
    platform: Annotated[str | None, typer.Option(metavar="P", help="Only those of this platform.")] = None,
    reason: flags.Reason = None,
    since: Annotated[str | None, typer.Option("--from", metavar="T", help="Happened from T on.")] = None,
    until: Annotated[str | None, typer.Option("--to", metavar="T", help="Happened up to T.")] = None,
    form: flags.Format = None,
) -> int:
    """Show money that moved outside though its event was rejected: who, how much, since when, and whether settled.

    Purchases, refunds, payouts, reversals and repayments that were rejected, but for those of a publisher who may not
    say so or without an amount. One is settled when the same order, payout or repayment is accepted later, or the
    payout as failed.
    """
    from functools import partial

    from dompet.streams.answers.asking import asking, rows
    from dompet.streams.answers.printing import print_answer
    from dompet.streams.answers.rejections import Exceptions
    from dompet.streams.parsing.moments import since_us, until_us
    from dompet.streams.warehouse.known import need_all_known

    columns = ("beneficiary_id", "type", "platform_id", "reference", "amount", "reason", "since", "settled_at")
    wanted = Exceptions(unsettled, platform, reason, since_us("--from", since), until_us("--to", until))
    title = "Money that moved though the event was rejected"
    with asking(settings) as ask:
        need_all_known(partial(rows, ask), {"platform": platform})
        print_answer(ask, wanted.sql(), form, title, columns, ("amount",), sums=("amount",), empty="no such event")
    return 0
