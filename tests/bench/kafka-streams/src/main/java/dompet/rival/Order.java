package dompet.rival;

import java.util.Arrays;

/** What is known of one purchase. Times are UTC microseconds. */
final class Order {
    static final int COMMISSION_ABOVE_CAP = 1;
    static final int COMPLETED_WITHOUT_REDEMPTION = 2;
    static final int COMPLETED_WITHOUT_ATTENDANCE = 4;
    static final int COMPLETED_TOO_FAST = 8;

    byte[] platform;
    byte[] orderId;
    byte[] course;
    byte[] institution;
    long price;
    long commission;
    long purchasedAt;
    boolean refunded;
    int flags;
    /** Null until the course is completed; the next two then mean something. */
    byte[] certificate;
    long completedAt;
    Long score;

    static Order of(Event.CoursePurchased event, Rules rules) {
        Order order = new Order();
        order.platform = event.platform();
        order.orderId = event.orderId();
        order.course = event.course();
        order.institution = event.institution();
        order.price = event.price();
        order.commission = event.commission();
        order.purchasedAt = event.header().occurredAt();
        boolean aboveCap = event.commission() * 10_000 > event.price() * rules.commissionCapBp();
        order.flags = aboveCap ? COMMISSION_ABOVE_CAP : 0;
        return order;
    }

    /** Completes the course. Redemption and attendance are not among the five types, so where required they are missing. */
    void complete(Event.CourseCompleted event, Rules rules) {
        completedAt = event.header().occurredAt();
        certificate = event.certificate();
        score = event.score();
        flags |= rules.redemptionRequired() ? COMPLETED_WITHOUT_REDEMPTION : 0;
        flags |= rules.attendanceRequired() ? COMPLETED_WITHOUT_ATTENDANCE : 0;
        flags |= completedAt - purchasedAt < rules.minCompletionMinutes() * Rules.MINUTE_US ? COMPLETED_TOO_FAST : 0;
    }

    boolean isFor(byte[] itsPlatform, byte[] itsOrderId) {
        return Arrays.equals(orderId, itsOrderId) && Arrays.equals(platform, itsPlatform);
    }

    boolean isCompleted() {
        return certificate != null;
    }
}
