package dompet.rival;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** A beneficiary's wallet with its orders. Amounts are whole rupiah, times UTC microseconds. */
final class Wallet {
    enum Status {
        ACTIVE, SUSPENDED, EXPIRED, REVOKED, BLACKLISTED;

        boolean isClosed() {
            return this != ACTIVE && this != SUSPENDED;
        }
    }

    /** A credit that was accepted. */
    record Credit(byte[] id, long amount) { }

    Rules rules;
    Status status = Status.ACTIVE;
    byte[] decree;
    long wave;
    long credited;
    long spent;
    long refunded;
    long returned;
    long balance;
    long firstPurchaseDue;
    long spendBy;
    int purchases;
    int openOrders;
    final List<Credit> credits = new ArrayList<>(1);
    final List<Order> orders = new ArrayList<>(4);

    /** Whether a credit was ever accepted. */
    boolean isOpened() {
        return rules != null;
    }

    /** The order, or null. */
    Order order(byte[] platform, byte[] orderId) {
        for (Order order : orders) {
            if (order.isFor(platform, orderId)) {
                return order;
            }
        }
        return null;
    }

    /** The accepted credit of an id, or null. */
    Credit credit(byte[] id) {
        for (Credit credit : credits) {
            if (Arrays.equals(credit.id, id)) {
                return credit;
            }
        }
        return null;
    }
}
