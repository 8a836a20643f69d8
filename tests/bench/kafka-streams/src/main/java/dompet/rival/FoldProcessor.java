package dompet.rival;

import java.util.Arrays;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.processor.api.RecordMetadata;
import org.apache.kafka.streams.state.KeyValueStore;

/**
 * Folds one partition's events, one at a time, into the wallets of its state store, up to the partition's end offset.
 * Where a journal is kept, it hands on a row of it for each event.
 */
final class FoldProcessor implements Processor<byte[], Event, byte[], byte[]> {
    static final String STORE = "wallets";

    private final Progress progress;
    /** Null where no journal is kept. */
    private final JournalRow row;
    private ProcessorContext<byte[], byte[]> context;
    private KeyValueStore<byte[], Wallet> wallets;
    private Progress.Partition counts;
    private int partition;

    FoldProcessor(Progress progress, boolean keepsJournal) {
        this.progress = progress;
        row = keepsJournal ? new JournalRow() : null;
    }

    @Override
    public void init(ProcessorContext<byte[], byte[]> itsContext) {
        context = itsContext;
        wallets = context.getStateStore(STORE);
        partition = context.taskId().partition();
        counts = progress.begin(partition, row != null);
    }

    @Override
    public void process(Record<byte[], Event> record) {
        if (counts.finished) {
            return;
        }
        if (counts.events == 0) {
            counts.firstAt = System.nanoTime();
        }
        counts.events++;
        long offset = context.recordMetadata().map(RecordMetadata::offset).orElseThrow();
        Outcome outcome = fold(record.key(), record.value());
        counts.outcomes[outcome.ordinal()]++;
        if (row != null) {
            context.forward(record.withValue(row.bytes(partition, offset, record, outcome)));
        }
        if (offset + 1 >= counts.end) {
            counts.lastAt = System.nanoTime();
            counts.finished = true;
            progress.finish();
        }
    }

    private Outcome fold(byte[] key, Event event) {
        if (key == null || event == null || event == Event.Dead.INSTANCE || !isAtHome(key, event)) {
            return Outcome.DEAD;
        } else if (event == Event.Other.INSTANCE) {
            return Outcome.OTHER_TYPE;
        }
        Wallet known = wallets.get(key);
        Wallet wallet = known == null ? new Wallet() : known;
        if (row != null) {
            row.before(wallet, event);
        }
        Outcome outcome = Fold.apply(wallet, event);
        if (outcome == Outcome.ACCEPTED) {
            wallets.put(key, wallet);
        }
        return outcome;
    }

    /** Whether the record lies in its key's partition, and its key is its event's beneficiary. */
    private boolean isAtHome(byte[] key, Event event) {
        Event.Header header = event.header();
        return (header == null || Arrays.equals(key, header.beneficiary()))
            && Utils.toPositive(Utils.murmur2(key)) % progress.partitions() == partition;
    }
}
