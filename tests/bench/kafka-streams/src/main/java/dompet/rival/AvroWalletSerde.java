package dompet.rival;

import dompet.rival.Wallet.Credit;
import dompet.rival.Wallet.Status;
import dompet.rival.state.CreditState;
import dompet.rival.state.OrderState;
import dompet.rival.state.WalletState;
import dompet.rival.state.WalletStatus;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.List;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DatumWriter;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.specific.SpecificDatumWriter;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;

/** A wallet with its orders in Avro, by the library and its classes generated from WalletState.avsc. */
final class AvroWalletSerde implements Serde<Wallet> {
    /** All stream threads share this serde, and the library's codecs belong to one thread. */
    private final ThreadLocal<Avro> codecs = ThreadLocal.withInitial(Avro::new);

    @Override
    public Serializer<Wallet> serializer() {
        return (topic, wallet) -> wallet == null ? null : codecs.get().write(toState(wallet));
    }

    @Override
    public Deserializer<Wallet> deserializer() {
        return (topic, bytes) -> bytes == null ? null : fromState(codecs.get().read(bytes));
    }

    /** One thread's reader and writer with what they reuse. */
    private static final class Avro {
        private final DatumReader<WalletState> reader = new SpecificDatumReader<>(WalletState.class);
        private final DatumWriter<WalletState> writer = new SpecificDatumWriter<>(WalletState.class);
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();
        private BinaryEncoder encoder;
        private BinaryDecoder decoder;

        byte[] write(WalletState state) {
            out.reset();
            encoder = EncoderFactory.get().binaryEncoder(out, encoder);
            try {
                writer.write(state, encoder);
                encoder.flush();
            } catch (IOException e) {
                throw new SerializationException("cannot write a wallet", e);
            }
            return out.toByteArray();
        }

        WalletState read(byte[] bytes) {
            decoder = DecoderFactory.get().binaryDecoder(bytes, decoder);
            try {
                return reader.read(null, decoder);
            } catch (IOException e) {
                throw new SerializationException("cannot read a wallet", e);
            }
        }
    }

    private static WalletState toState(Wallet wallet) {
        List<CreditState> credits = wallet.credits.stream()
            .map(credit -> new CreditState(new Utf8(credit.id()), credit.amount())).toList();
        List<OrderState> orders = wallet.orders.stream().map(AvroWalletSerde::toState).toList();
        return new WalletState(
            wallet.rules.number(), WalletStatus.valueOf(wallet.status.name()), new Utf8(wallet.decree), wallet.wave,
            wallet.credited, wallet.spent, wallet.refunded, wallet.returned, wallet.balance,
            wallet.firstPurchaseDue, wallet.spendBy, wallet.purchases, wallet.openOrders, credits, orders);
    }

    private static OrderState toState(Order order) {
        return new OrderState(
            new Utf8(order.platform), new Utf8(order.orderId), new Utf8(order.course), new Utf8(order.institution),
            order.price, order.commission, order.purchasedAt, order.refunded, order.flags,
            order.isCompleted() ? new Utf8(order.certificate) : null, order.completedAt, order.score);
    }

    private static Wallet fromState(WalletState state) {
        Wallet wallet = new Wallet();
        wallet.rules = Rules.SETS.get(state.getRules());
        wallet.status = Status.valueOf(state.getStatus().name());
        wallet.decree = state.getDecree().getBytes();
        wallet.wave = state.getWave();
        wallet.credited = state.getCredited();
        wallet.spent = state.getSpent();
        wallet.refunded = state.getRefunded();
        wallet.returned = state.getReturned();
        wallet.balance = state.getBalance();
        wallet.firstPurchaseDue = state.getFirstPurchaseDue();
        wallet.spendBy = state.getSpendBy();
        wallet.purchases = state.getPurchases();
        wallet.openOrders = state.getOpenOrders();
        for (CreditState credit : state.getCredits()) {
            wallet.credits.add(new Credit(credit.getId().getBytes(), credit.getAmount()));
        }
        for (OrderState order : state.getOrders()) {
            wallet.orders.add(fromState(order));
        }
        return wallet;
    }

    private static Order fromState(OrderState state) {
        Order order = new Order();
        order.platform = state.getPlatform().getBytes();
        order.orderId = state.getOrderId().getBytes();
        order.course = state.getCourse().getBytes();
        order.institution = state.getInstitution().getBytes();
        order.price = state.getPrice();
        order.commission = state.getCommission();
        order.purchasedAt = state.getPurchasedAt();
        order.refunded = state.getRefunded();
        order.flags = state.getFlags();
        order.certificate = state.getCertificate() == null ? null : state.getCertificate().getBytes();
        order.completedAt = state.getCompletedAt();
        order.score = state.getScore();
        return order;
    }
}
