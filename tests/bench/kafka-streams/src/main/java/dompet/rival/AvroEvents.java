package dompet.rival;

import dompet.rival.Event.Dead;
import dompet.rival.Event.Header;
import dompet.rival.Event.Other;
import dompet.v1.CourseCompleted;
import dompet.v1.CoursePurchased;
import dompet.v1.PurchaseRefunded;
import dompet.v1.SaldoCredited;
import dompet.v1.SaldoRevoked;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import org.apache.avro.io.BinaryDecoder;
import org.apache.avro.io.DatumReader;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.specific.SpecificDatumReader;
import org.apache.avro.util.Utf8;
import org.apache.kafka.common.serialization.Deserializer;

/** Reads Confluent's wire format with the Avro library and its generated classes; it is as strict as the library is. */
final class AvroEvents implements Deserializer<Event> {
    static {
        // The contracts' longest text; by default a damaged length makes the library allocate up to two gigabytes.
        System.setProperty("org.apache.avro.limits.string.maxLength", "512");
    }

    /** All stream threads share this deserializer, and the library's readers and decoders belong to one thread. */
    private final ThreadLocal<Readers> readers = ThreadLocal.withInitial(Readers::new);

    /** The event, or {@link Dead} for what the library cannot read or does not read to the end. */
    @Override
    public Event deserialize(String topic, byte[] value) {
        if (value == null || value.length < EventDeserializer.HEADER_BYTES || value[0] != 0) {
            return Dead.INSTANCE;
        }
        int schema = ByteBuffer.wrap(value).getInt(1);
        try {
            return readers.get().read(schema, value);
        } catch (IOException | RuntimeException e) {
            // The library reports a malformed body by many types of exception.
            return Dead.INSTANCE;
        }
    }

    /** One thread's readers, one for each schema, and the decoder that they share. */
    private static final class Readers {
        private final DatumReader<SaldoCredited> credited = new SpecificDatumReader<>(SaldoCredited.class);
        private final DatumReader<CoursePurchased> purchased = new SpecificDatumReader<>(CoursePurchased.class);
        private final DatumReader<PurchaseRefunded> refunded = new SpecificDatumReader<>(PurchaseRefunded.class);
        private final DatumReader<CourseCompleted> completed = new SpecificDatumReader<>(CourseCompleted.class);
        private final DatumReader<SaldoRevoked> revoked = new SpecificDatumReader<>(SaldoRevoked.class);
        private BinaryDecoder decoder;

        Event read(int schema, byte[] value) throws IOException {
            int start = EventDeserializer.HEADER_BYTES;
            decoder = DecoderFactory.get().binaryDecoder(value, start, value.length - start, decoder);
            Event event = switch (schema) {
                case EventDeserializer.SALDO_CREDITED -> event(credited.read(null, decoder));
                case EventDeserializer.COURSE_PURCHASED -> event(purchased.read(null, decoder));
                case EventDeserializer.PURCHASE_REFUNDED -> event(refunded.read(null, decoder));
                case EventDeserializer.COURSE_COMPLETED -> event(completed.read(null, decoder));
                case EventDeserializer.SALDO_REVOKED -> event(revoked.read(null, decoder));
                default -> EventDeserializer.unread(schema);
            };
            return event == Other.INSTANCE || decoder.isEnd() ? event : Dead.INSTANCE;
        }
    }

    private static Event event(SaldoCredited in) {
        return new Event.SaldoCredited(
            header(in.getBeneficiaryId(), in.getOccurredAt(), in.getPublisherId()),
            bytes(in.getCreditId()), bytes(in.getDecree()), in.getWave(), in.getAmount());
    }

    private static Event event(CoursePurchased in) {
        return new Event.CoursePurchased(
            header(in.getBeneficiaryId(), in.getOccurredAt(), in.getPublisherId()),
            bytes(in.getPlatformId()), bytes(in.getOrderId()), bytes(in.getCourseId()), bytes(in.getInstitutionId()),
            in.getPrice(), in.getCommission());
    }

    private static Event event(PurchaseRefunded in) {
        return new Event.PurchaseRefunded(
            header(in.getBeneficiaryId(), in.getOccurredAt(), in.getPublisherId()),
            bytes(in.getPlatformId()), bytes(in.getOrderId()), in.getAmount());
    }

    private static Event event(CourseCompleted in) {
        return new Event.CourseCompleted(
            header(in.getBeneficiaryId(), in.getOccurredAt(), in.getPublisherId()),
            bytes(in.getPlatformId()), bytes(in.getOrderId()), bytes(in.getCertificateId()), in.getScore());
    }

    private static Event event(SaldoRevoked in) {
        return new Event.SaldoRevoked(
            header(in.getBeneficiaryId(), in.getOccurredAt(), in.getPublisherId()), bytes(in.getReason()));
    }

    private static Header header(Utf8 beneficiary, Instant at, Utf8 publisher) {
        long micros = at.getEpochSecond() * 1_000_000 + at.getNano() / 1_000;
        return new Header(bytes(beneficiary), micros, bytes(publisher));
    }

    /** The text's own bytes: a text that was read anew fills its array. */
    private static byte[] bytes(Utf8 text) {
        return text.getBytes();
    }
}
