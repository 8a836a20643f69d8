package dompet.rival;

/** An event of the log. Ids and texts stay bytes: they are compared and stored, never shown. */
sealed interface Event {
    /** Null where the body is not read. */
    default Header header() {
        return null;
    }

    /** What all events share; times are UTC microseconds. */
    record Header(byte[] eventId, byte[] beneficiary, long occurredAt, byte[] publisher) { }

    record SaldoCredited(Header header, byte[] creditId, byte[] decree, long wave, long amount) implements Event { }

    record CoursePurchased(Header header, byte[] platform, byte[] orderId, byte[] course, byte[] institution,
                           long price, long commission) implements Event { }

    record PurchaseRefunded(Header header, byte[] platform, byte[] orderId, long amount, byte[] reason)
        implements Event { }

    /** {@code score} is null where the platform gives none. */
    record CourseCompleted(Header header, byte[] platform, byte[] orderId, byte[] certificate, Long score)
        implements Event { }

    record SaldoRevoked(Header header, byte[] reason) implements Event { }

    /** A type that this fold leaves out, its body unread. */
    enum Other implements Event { INSTANCE }

    /** A record that breaks its contract. */
    enum Dead implements Event { INSTANCE }
}
