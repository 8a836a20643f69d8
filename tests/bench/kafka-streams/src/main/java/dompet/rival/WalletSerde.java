package dompet.rival;

import dompet.rival.Wallet.Credit;
import dompet.rival.Wallet.Status;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** A wallet with its orders as one run of bytes: fixed-width numbers, and byte strings behind their two-byte length. */
final class WalletSerde implements Serde<Wallet> {
    private static final Status[] STATUSES = Status.values();
    private static final int WALLET_BYTES = 2 + 2 + 8 * Long.BYTES + 4 * Integer.BYTES;
    private static final int CREDIT_BYTES = 2 + Long.BYTES;
    private static final int ORDER_BYTES = 5 * 2 + 3 + 5 * Long.BYTES;

    @Override
    public Serializer<Wallet> serializer() {
        return (topic, wallet) -> wallet == null ? null : write(wallet);
    }

    @Override
    public Deserializer<Wallet> deserializer() {
        return (topic, bytes) -> bytes == null ? null : read(ByteBuffer.wrap(bytes));
    }

    private static byte[] write(Wallet wallet) {
        ByteBuffer out = ByteBuffer.allocate(size(wallet));
        out.put((byte) wallet.rules.number()).put((byte) wallet.status.ordinal());
        putBytes(out, wallet.decree);
        out.putLong(wallet.wave).putLong(wallet.credited).putLong(wallet.spent).putLong(wallet.refunded);
        out.putLong(wallet.returned).putLong(wallet.balance);
        out.putLong(wallet.firstPurchaseDue).putLong(wallet.spendBy);
        out.putInt(wallet.purchases).putInt(wallet.openOrders);
        out.putInt(wallet.credits.size()).putInt(wallet.orders.size());
        for (Credit credit : wallet.credits) {
            putBytes(out, credit.id());
            out.putLong(credit.amount());
        }
        for (Order order : wallet.orders) {
            writeOrder(out, order);
        }
        return out.array();
    }

    private static Wallet read(ByteBuffer in) {
        Wallet wallet = new Wallet();
        wallet.rules = Rules.SETS.get(in.get());
        wallet.status = STATUSES[in.get()];
        wallet.decree = getBytes(in);
        wallet.wave = in.getLong();
        wallet.credited = in.getLong();
        wallet.spent = in.getLong();
        wallet.refunded = in.getLong();
        wallet.returned = in.getLong();
        wallet.balance = in.getLong();
        wallet.firstPurchaseDue = in.getLong();
        wallet.spendBy = in.getLong();
        wallet.purchases = in.getInt();
        wallet.openOrders = in.getInt();
        int credits = in.getInt();
        int orders = in.getInt();
        for (int i = 0; i < credits; i++) {
            wallet.credits.add(new Credit(getBytes(in), in.getLong()));
        }
        for (int i = 0; i < orders; i++) {
            wallet.orders.add(readOrder(in));
        }
        return wallet;
    }

    private static void writeOrder(ByteBuffer out, Order order) {
        putBytes(out, order.platform);
        putBytes(out, order.orderId);
        putBytes(out, order.course);
        putBytes(out, order.institution);
        out.putLong(order.price).putLong(order.commission).putLong(order.purchasedAt);
        out.put((byte) (order.refunded ? 1 : 0)).put((byte) order.flags);
        putBytes(out, order.isCompleted() ? order.certificate : new byte[0]);
        out.putLong(order.completedAt);
        out.put((byte) (order.score == null ? 0 : 1)).putLong(order.score == null ? 0 : order.score);
    }

    private static Order readOrder(ByteBuffer in) {
        Order order = new Order();
        order.platform = getBytes(in);
        order.orderId = getBytes(in);
        order.course = getBytes(in);
        order.institution = getBytes(in);
        order.price = in.getLong();
        order.commission = in.getLong();
        order.purchasedAt = in.getLong();
        order.refunded = in.get() == 1;
        order.flags = in.get();
        byte[] certificate = getBytes(in);
        order.certificate = certificate.length == 0 ? null : certificate;
        order.completedAt = in.getLong();
        boolean scored = in.get() == 1;
        long score = in.getLong();
        order.score = scored ? score : null;
        return order;
    }

    private static int size(Wallet wallet) {
        int size = WALLET_BYTES + wallet.decree.length;
        for (Credit credit : wallet.credits) {
            size += CREDIT_BYTES + credit.id().length;
        }
        for (Order order : wallet.orders) {
            size += ORDER_BYTES + order.platform.length + order.orderId.length + order.course.length
                + order.institution.length + (order.isCompleted() ? order.certificate.length : 0);
        }
        return size;
    }

    private static void putBytes(ByteBuffer out, byte[] bytes) {
        out.putShort((short) bytes.length).put(bytes);
    }

    private static byte[] getBytes(ByteBuffer in) {
        byte[] bytes = new byte[in.getShort()];
        in.get(bytes);
        return bytes;
    }
}
