package dompet.rival;

import java.util.Locale;

/** How an event ends: accepted, duplicate, dead, or rejected with the reason that the constant names. */
enum Outcome {
    ACCEPTED, DUPLICATE, DEAD,
    NOT_AUTHORISED, INVALID_AMOUNT, REFERENCE_CONFLICT, WALLET_CLOSED, NO_RULES, ALREADY_CREDITED,
    ORDER_CONFLICT, UNKNOWN_WALLET, WALLET_SUSPENDED, FIRST_PURCHASE_LATE, AFTER_SPEND_BY, PREVIOUS_COURSE_OPEN,
    INSUFFICIENT_BALANCE, UNKNOWN_ORDER, REFUND_CONFLICT, ORDER_COMPLETED, AMOUNT_MISMATCH, COMPLETION_CONFLICT,
    ORDER_REFUNDED, COMPLETED_BEFORE_PURCHASE, NOT_DUE, INVALID_REASON,
    /** An event type that this fold leaves out. */
    OTHER_TYPE;

    boolean isRejected() {
        return ordinal() > DEAD.ordinal();
    }

    /** The reason as the journal spells it, such as {@code unknown_order}. */
    String reason() {
        return name().toLowerCase(Locale.ROOT);
    }
}
