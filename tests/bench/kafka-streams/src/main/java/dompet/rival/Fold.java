package dompet.rival;

import dompet.rival.Event.CourseCompleted;
import dompet.rival.Event.CoursePurchased;
import dompet.rival.Event.Header;
import dompet.rival.Event.PurchaseRefunded;
import dompet.rival.Event.SaldoCredited;
import dompet.rival.Event.SaldoRevoked;
import dompet.rival.Wallet.Credit;
import dompet.rival.Wallet.Status;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** The rules of five event types: checks in their order, the first that holds decides; only ACCEPTED changes the wallet. */
final class Fold {
    private static final long MAX_AMOUNT = 1_000_000_000_000L;
    private static final byte[] PROGRAMME = ascii("programme");
    private static final byte[] DOMPET = ascii("dompet");
    private static final byte[] FIRST_PURCHASE_DEADLINE = ascii("first_purchase_deadline");
    private static final byte[] SPEND_BY = ascii("spend_by");
    private static final byte[] INELIGIBLE = ascii("ineligible");
    private static final byte[] SANCTION = ascii("sanction");

    private Fold() { }

    /** The outcome of an event, its effect applied to the wallet where accepted. */
    static Outcome apply(Wallet wallet, Event event) {
        if (event instanceof CoursePurchased purchased) {
            return purchase(wallet, purchased);
        } else if (event instanceof CourseCompleted completed) {
            return complete(wallet, completed);
        } else if (event instanceof SaldoCredited credited) {
            return credit(wallet, credited);
        } else if (event instanceof PurchaseRefunded refunded) {
            return refund(wallet, refunded);
        } else if (event instanceof SaldoRevoked revoked) {
            return revoke(wallet, revoked);
        }
        throw new IllegalArgumentException("not one of the five types: " + event);
    }

    private static Outcome credit(Wallet wallet, SaldoCredited event) {
        long at = event.header().occurredAt();
        if (!isProgramme(event.header())) {
            return Outcome.NOT_AUTHORISED;
        } else if (!isAmount(event.amount())) {
            return Outcome.INVALID_AMOUNT;
        }
        Credit same = wallet.credit(event.creditId());
        if (same != null) {
            return same.amount() == event.amount() ? Outcome.DUPLICATE : Outcome.REFERENCE_CONFLICT;
        } else if (wallet.status.isClosed()) {
            return Outcome.WALLET_CLOSED;
        }
        Rules rules = wallet.isOpened() ? wallet.rules : Rules.at(at);
        if (rules == null) {
            return Outcome.NO_RULES;
        } else if (wallet.credits.size() == rules.maxCredits()) {
            return Outcome.ALREADY_CREDITED;
        }
        if (!wallet.isOpened()) {
            wallet.rules = rules;
            wallet.wave = event.wave();
            wallet.decree = event.decree();
            wallet.firstPurchaseDue = at + rules.firstPurchaseDays() * Rules.DAY_US;
            wallet.spendBy = rules.spendByFor(at);
        }
        wallet.credits.add(new Credit(event.creditId(), event.amount()));
        wallet.credited += event.amount();
        wallet.balance += event.amount();
        return Outcome.ACCEPTED;
    }

    private static Outcome purchase(Wallet wallet, CoursePurchased event) {
        long at = event.header().occurredAt();
        if (!Arrays.equals(event.header().publisher(), event.platform())) {
            return Outcome.NOT_AUTHORISED;
        } else if (!isAmount(event.price()) || event.commission() < 0 || event.commission() > event.price()) {
            return Outcome.INVALID_AMOUNT;
        }
        Order same = wallet.order(event.platform(), event.orderId());
        if (same != null) {
            return isSamePurchase(same, event) ? Outcome.DUPLICATE : Outcome.ORDER_CONFLICT;
        } else if (!wallet.isOpened()) {
            return Outcome.UNKNOWN_WALLET;
        } else if (wallet.status.isClosed()) {
            return Outcome.WALLET_CLOSED;
        } else if (wallet.status == Status.SUSPENDED) {
            return Outcome.WALLET_SUSPENDED;
        } else if (wallet.purchases == 0 && at > wallet.firstPurchaseDue) {
            return Outcome.FIRST_PURCHASE_LATE;
        } else if (at > wallet.spendBy) {
            return Outcome.AFTER_SPEND_BY;
        } else if (wallet.rules.oneOpenCourse() && wallet.openOrders > 0) {
            return Outcome.PREVIOUS_COURSE_OPEN;
        } else if (event.price() > wallet.balance) {
            return Outcome.INSUFFICIENT_BALANCE;
        }
        wallet.orders.add(Order.of(event, wallet.rules));
        wallet.balance -= event.price();
        wallet.spent += event.price();
        wallet.purchases++;
        wallet.openOrders++;
        return Outcome.ACCEPTED;
    }

    private static Outcome refund(Wallet wallet, PurchaseRefunded event) {
        if (!Arrays.equals(event.header().publisher(), event.platform())) {
            return Outcome.NOT_AUTHORISED;
        } else if (!isAmount(event.amount())) {
            return Outcome.INVALID_AMOUNT;
        }
        Order order = wallet.order(event.platform(), event.orderId());
        if (order == null) {
            return Outcome.UNKNOWN_ORDER;
        } else if (order.refunded) {
            return event.amount() == order.price ? Outcome.DUPLICATE : Outcome.REFUND_CONFLICT;
        } else if (order.isCompleted()) {
            return Outcome.ORDER_COMPLETED;
        } else if (event.amount() != order.price) {
            return Outcome.AMOUNT_MISMATCH;
        }
        order.refunded = true;
        wallet.refunded += event.amount();
        wallet.openOrders--;
        if (wallet.status.isClosed()) {
            wallet.returned += event.amount();
        } else {
            wallet.balance += event.amount();
        }
        return Outcome.ACCEPTED;
    }

    private static Outcome complete(Wallet wallet, CourseCompleted event) {
        if (!Arrays.equals(event.header().publisher(), event.platform())) {
            return Outcome.NOT_AUTHORISED;
        }
        Order order = wallet.order(event.platform(), event.orderId());
        if (order == null) {
            return Outcome.UNKNOWN_ORDER;
        } else if (order.isCompleted()) {
            boolean same = Arrays.equals(order.certificate, event.certificate());
            return same ? Outcome.DUPLICATE : Outcome.COMPLETION_CONFLICT;
        } else if (order.refunded) {
            return Outcome.ORDER_REFUNDED;
        } else if (event.header().occurredAt() < order.purchasedAt) {
            return Outcome.COMPLETED_BEFORE_PURCHASE;
        }
        order.complete(event, wallet.rules);
        wallet.openOrders--;
        return Outcome.ACCEPTED;
    }

    private static Outcome revoke(Wallet wallet, SaldoRevoked event) {
        long at = event.header().occurredAt();
        boolean firstPurchase = Arrays.equals(event.reason(), FIRST_PURCHASE_DEADLINE);
        boolean spendBy = Arrays.equals(event.reason(), SPEND_BY);
        if (!isProgramme(event.header())) {
            return Outcome.NOT_AUTHORISED;
        } else if (!wallet.isOpened()) {
            return Outcome.UNKNOWN_WALLET;
        } else if (wallet.status.isClosed()) {
            return Outcome.DUPLICATE;
        } else if (firstPurchase && (wallet.purchases > 0 || at <= wallet.firstPurchaseDue)
                || spendBy && at <= wallet.spendBy) {
            return Outcome.NOT_DUE;
        } else if (!firstPurchase && !spendBy && !Arrays.equals(event.reason(), INELIGIBLE)
                && !Arrays.equals(event.reason(), SANCTION)) {
            return Outcome.INVALID_REASON;
        }
        wallet.returned += wallet.balance;
        wallet.balance = 0;
        wallet.status = firstPurchase || spendBy ? Status.EXPIRED : Status.REVOKED;
        return Outcome.ACCEPTED;
    }

    private static boolean isSamePurchase(Order order, CoursePurchased event) {
        return order.price == event.price() && order.commission == event.commission()
            && Arrays.equals(order.course, event.course()) && Arrays.equals(order.institution, event.institution());
    }

    private static boolean isProgramme(Header header) {
        return Arrays.equals(header.publisher(), PROGRAMME) || Arrays.equals(header.publisher(), DOMPET);
    }

    private static boolean isAmount(long amount) {
        return amount >= 1 && amount <= MAX_AMOUNT;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
