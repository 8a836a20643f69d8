package dompet.rival;

import dompet.rival.Event.CourseCompleted;
import dompet.rival.Event.CoursePurchased;
import dompet.rival.Event.Dead;
import dompet.rival.Event.Header;
import dompet.rival.Event.Other;
import dompet.rival.Event.PurchaseRefunded;
import dompet.rival.Event.SaldoCredited;
import dompet.rival.Event.SaldoRevoked;
import java.nio.ByteBuffer;
import org.apache.kafka.common.serialization.Deserializer;

/** Reads Confluent's wire format: a zero byte, the schema id in four bytes, the Avro body. Ids: schemas/ids.toml. */
final class EventDeserializer implements Deserializer<Event> {
    private static final int HEADER_BYTES = 5;
    private static final int SALDO_CREDITED = 1001;
    private static final int COURSE_PURCHASED = 1002;
    private static final int PURCHASE_REFUNDED = 1003;
    private static final int COURSE_COMPLETED = 1006;
    private static final int SALDO_REVOKED = 1013;
    private static final int LAST_EVENT_TYPE = 1016;

    /** The event, or {@link Dead} for whatever breaks its contract: a bad record is an outcome, not an exception. */
    @Override
    public Event deserialize(String topic, byte[] value) {
        if (value == null || value.length < HEADER_BYTES || value[0] != 0) {
            return Dead.INSTANCE;
        }
        int schema = ByteBuffer.wrap(value).getInt(1);
        AvroReader in = new AvroReader(value, HEADER_BYTES);
        try {
            Event event = switch (schema) {
                case SALDO_CREDITED -> new SaldoCredited(header(in), in.id(), in.freeText(), in.number(), in.number());
                case COURSE_PURCHASED -> new CoursePurchased(
                    header(in), in.id(), in.id(), in.id(), in.id(), in.number(), in.number());
                case PURCHASE_REFUNDED -> new PurchaseRefunded(
                    header(in), in.id(), in.id(), in.number(), in.freeText());
                case COURSE_COMPLETED -> new CourseCompleted(header(in), in.id(), in.id(), in.id(), in.numberOrNull());
                case SALDO_REVOKED -> new SaldoRevoked(header(in), in.freeText());
                default -> schema > SALDO_CREDITED && schema <= LAST_EVENT_TYPE ? Other.INSTANCE : Dead.INSTANCE;
            };
            if (event != Other.INSTANCE) {
                in.end();
            }
            return event;
        } catch (AvroReader.Malformed e) {
            return Dead.INSTANCE;
        }
    }

    private static Header header(AvroReader in) {
        return new Header(in.id(), in.pseudonym(), in.time(), in.id());
    }
}
