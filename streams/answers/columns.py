"""What a column of an answer is, by its name: a name means the same in every answer."""

from enum import StrEnum
from typing import Final


class Kind(StrEnum):
    """How a column's values are read, written and linked."""

    MONEY = "money"  # whole rupiah
    COUNT = "count"
    NUMBER = "number"  # a whole number that counts nothing, such as a wave
    MINUTES = "minutes"
    SECONDS = "seconds"
    MOMENT = "moment"
    DAY = "day"
    YES = "yes"
    TEXT = "text"
    WORD = "word"  # one of a known set: a type, a reason, a state
    WORDS = "words"
    PERSON = "person"
    PLATFORM = "platform"
    INSTITUTION = "institution"
    COURSE = "course"
    ORDER = "order"
    PUBLISHER = "publisher"


_BY_KIND: Final[dict[Kind, str]] = {
    Kind.MONEY: """
        total_credited net_spent total_returned remaining difference credited spent refunded returned balance
        incentive_due incentive_paid incentive_outstanding incentive_reversed incentive_failed
        clawback_ordered clawback_repaid clawback_outstanding
        sold commission commission_returned net_to_institution price amount balance_change balance_after paid
        unfinished_paid not_redeemed_paid due outstanding failed_amount ordered repaid listed_price outside_price
        accepted_amount their_amount our_amount outside_amount list_price moved unsettled
        incentives_paid credited_sum
    """,
    Kind.COUNT: """
        people wallets orders sales refunds purchased redeemed attended completed reviewed refunded_orders flagged
        cleared not_redeemed events accepted duplicate rejected dead letters still_open redriven discarded
        clawbacks repayments failures rejections institutions courses lines their_lines our_lines matched
        amount_differs only_theirs only_ours twice_in_theirs outside_lines held_people cases size completions
        purchases open_orders payout_failures credits active suspended expired revoked blacklisted rows lag records
    """,
    Kind.NUMBER: "wave partition offset number score rating line next_offset end_offset surveys session year",
    Kind.MINUTES: "shortest tenth median ninetieth longest minutes",
    Kind.SECONDS: "late_median late_ninetieth late_longest",
    Kind.MOMENT: """
        recorded_at occurred_at purchased_at redeemed_at completed_at reviewed_at refunded_at cleared_at ordered_at
        last_repaid_at since settled_at last_recorded_at first_at last_at valid_from valid_to issued_at acted_at at
        first_purchase_due spend_by redeemed_by_then
    """,
    Kind.DAY: "day from_day to_day mou_signed_on pks_signed_on",
    Kind.YES: "settled entitled held free_elsewhere",
    Kind.WORD: "type outcome reason state status pattern error operator judgement age kind change party rules category",
    Kind.WORDS: "flags judgements criteria",
    Kind.PERSON: "beneficiary_id",
    Kind.PLATFORM: "platform_id owner_platform_id",
    Kind.INSTITUTION: "institution_id",
    Kind.COURSE: "course_id",
    Kind.ORDER: "order_id",
    Kind.PUBLISHER: "publisher_id",
    Kind.TEXT: """
        decree event_id certificate_id reference subject title name message statement_id party_id file run_id
        acted_by cleared_by clearing_note file_sha256 upto found_as topic clawback_id credit_id note channel
    """,
}
KINDS: Final[dict[str, Kind]] = {name: kind for kind, names in _BY_KIND.items() for name in names.split()}
"""By a column's name."""
