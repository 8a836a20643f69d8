package dompet.rival;

import dompet.rival.Event.CourseCompleted;
import dompet.rival.Event.CoursePurchased;
import dompet.rival.Event.Header;
import dompet.rival.Event.PurchaseRefunded;
import dompet.rival.Event.SaldoCredited;
import dompet.rival.Event.SaldoRevoked;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import org.apache.kafka.streams.processor.api.Record;

/** A row of the journal in RowBinary: in the order of {@code journal_rows}, the columns that five event types can fill. */
final class JournalRow {
    private static final byte[] NONE = new byte[0];
    private static final byte[] REJECTED = ascii("rejected");
    private static final byte[][] OUTCOMES = Arrays.stream(Outcome.values())
        .map(one -> one.isRejected() ? REJECTED : ascii(one.reason())).toArray(byte[][]::new);
    private static final byte[][] REASONS = Arrays.stream(Outcome.values())
        .map(one -> one.isRejected() ? ascii(one.reason()) : NONE).toArray(byte[][]::new);
    private static final byte[][] STATUSES = Arrays.stream(Wallet.Status.values())
        .map(one -> ascii(one.name().toLowerCase(Locale.ROOT))).toArray(byte[][]::new);
    private static final byte[][] RULES = Rules.SETS.stream().map(one -> ascii(one.name())).toArray(byte[][]::new);
    private static final byte[] CREDITED = ascii("SaldoCredited");
    private static final byte[] PURCHASED = ascii("CoursePurchased");
    private static final byte[] REFUNDED = ascii("PurchaseRefunded");
    private static final byte[] COMPLETED = ascii("CourseCompleted");
    private static final byte[] REVOKED = ascii("SaldoRevoked");
    private static final Wallet NO_WALLET = new Wallet();

    private final RowWriter out = new RowWriter();
    private Wallet wallet = NO_WALLET;
    private long credited;
    private long spent;
    private long refunded;
    private long returned;
    private int flags;

    /** Takes note of the wallet of an event before it is folded. */
    void before(Wallet itsWallet, Event event) {
        wallet = itsWallet;
        credited = wallet.credited;
        spent = wallet.spent;
        refunded = wallet.refunded;
        returned = wallet.returned;
        Order order = order(event);
        flags = order == null ? 0 : order.flags;
    }

    /** The row of the event; of a dead one its place and its outcome alone. */
    byte[] bytes(int partition, long offset, Record<byte[], Event> record, Outcome outcome) {
        Event event = outcome == Outcome.DEAD ? Event.Dead.INSTANCE : record.value();
        Order order = outcome == Outcome.DEAD ? null : order(event);
        out.begin().int32(partition).int64(offset).int64(record.timestamp() * 1_000);
        event(event);
        out.text(OUTCOMES[outcome.ordinal()]).text(REASONS[outcome.ordinal()]);
        out.int8((order == null ? 0 : order.flags) & ~flags);
        out.int64(wallet.credited - credited).int64(wallet.spent - spent);
        out.int64(wallet.refunded - refunded).int64(wallet.returned - returned);
        wallet();
        order(order);
        before(NO_WALLET, Event.Dead.INSTANCE);
        return out.bytes();
    }

    private Order order(Event event) {
        if (event instanceof CoursePurchased purchased) {
            return wallet.order(purchased.platform(), purchased.orderId());
        } else if (event instanceof PurchaseRefunded ofRefund) {
            return wallet.order(ofRefund.platform(), ofRefund.orderId());
        } else if (event instanceof CourseCompleted completed) {
            return wallet.order(completed.platform(), completed.orderId());
        }
        return null;
    }

    private void event(Event event) {
        if (event instanceof SaldoCredited e) {
            header(CREDITED, e.header()).text(e.creditId()).text(e.decree()).int64(e.wave()).int64(e.amount());
            out.empty(4).zeros(2).empty(2).int64OrNull(null);
        } else if (event instanceof CoursePurchased e) {
            header(PURCHASED, e.header()).empty(2).zeros(2).text(e.platform()).text(e.orderId());
            out.text(e.course()).text(e.institution()).int64(e.price()).int64(e.commission());
            out.empty(2).int64OrNull(null);
        } else if (event instanceof PurchaseRefunded e) {
            header(REFUNDED, e.header()).empty(2).zeros(1).int64(e.amount()).text(e.platform()).text(e.orderId());
            out.empty(2).zeros(2).text(e.reason()).empty(1).int64OrNull(null);
        } else if (event instanceof CourseCompleted e) {
            header(COMPLETED, e.header()).empty(2).zeros(2).text(e.platform()).text(e.orderId());
            out.empty(2).zeros(2).empty(1).text(e.certificate()).int64OrNull(e.score());
        } else if (event instanceof SaldoRevoked e) {
            header(REVOKED, e.header()).empty(2).zeros(2).empty(4).zeros(2).text(e.reason());
            out.empty(1).int64OrNull(null);
        } else {
            out.empty(3).zeros(1).empty(3).zeros(2).empty(4).zeros(2).empty(2).int64OrNull(null);
        }
    }

    private RowWriter header(byte[] type, Header header) {
        out.text(type).text(header.eventId()).text(header.beneficiary()).int64(header.occurredAt());
        return out.text(header.publisher());
    }

    private void wallet() {
        if (!wallet.isOpened()) {
            out.empty(1).zeros(1).empty(2).int32(0).zeros(7).int32(0).int32(0);
            return;
        }
        out.text(RULES[wallet.rules.number()]).int64(wallet.wave).text(wallet.decree);
        out.text(STATUSES[wallet.status.ordinal()]).int32(wallet.credits.size());
        out.int64(wallet.credited).int64(wallet.spent).int64(wallet.refunded).int64(wallet.returned);
        out.int64(wallet.balance).int64(wallet.firstPurchaseDue).int64(wallet.spendBy);
        out.int32(wallet.purchases).int32(wallet.openOrders);
    }

    private void order(Order order) {
        if (order == null) {
            out.empty(2).zeros(4).empty(1).int64OrNull(null).int8(0).int8(0);
            return;
        }
        out.text(order.course).text(order.institution).int64(order.price).int64(order.commission);
        out.int64(order.purchasedAt).int64(order.completedAt).text(order.isCompleted() ? order.certificate : NONE);
        out.int64OrNull(order.score).int8(order.refunded ? 1 : 0).int8(order.flags);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
