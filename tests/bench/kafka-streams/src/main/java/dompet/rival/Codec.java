package dompet.rival;

import dompet.rival.Options.BadInput;
import java.util.Locale;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;

/** How events are read and wallets are kept: by the Avro library, or by hand-written code. */
enum Codec {
    AVRO, HAND;

    /** The codec of an option's value; {@link BadInput} where there is none. */
    static Codec of(String value) {
        return switch (value) {
            case "avro" -> AVRO;
            case "hand" -> HAND;
            default -> throw new BadInput("option --codec is avro or hand, found " + value);
        };
    }

    Deserializer<Event> events() {
        return this == AVRO ? new AvroEvents() : new EventDeserializer();
    }

    Serde<Wallet> wallets() {
        return this == AVRO ? new AvroWalletSerde() : new WalletSerde();
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
