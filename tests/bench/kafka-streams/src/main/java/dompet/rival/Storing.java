package dompet.rival;

import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.Stores;

/**
 * The fold as an application that stores: exactly once, wallets in RocksDB with their changelog, and a row of the journal
 * for each event in a topic. It goes on until it is ended, as such an application does.
 */
final class Storing {
    private Storing() { }

    /** Prints one line of JSON once every event up to the end offsets found at start is folded. */
    static void run(Options options) throws InterruptedException, ExecutionException {
        Progress progress;
        try (Admin admin = Partitions.admin(options)) {
            progress = new Progress(Partitions.ends(admin, options.topic()));
        }
        KafkaStreams streams = new KafkaStreams(topology(options, progress), Settings.storing(options));
        streams.setUncaughtExceptionHandler(failure -> {
            progress.done.completeExceptionally(failure);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        Runtime.getRuntime().addShutdownHook(new Thread(streams::close));
        streams.start();
        progress.done.get();
        // The clock of nanoTime is the machine's own, CLOCK_MONOTONIC: another process can read it, too.
        System.out.println("{\"first_ns\":" + progress.firstAt() + ",\"events\":" + progress.events()
            + ",\"seconds\":" + progress.seconds() + "}");
        Thread.currentThread().join();
    }

    private static Topology topology(Options options, Progress progress) {
        return new Topology()
            .addSource("events", new ByteArrayDeserializer(), new EventDeserializer(), options.topic())
            .addProcessor("fold", () -> new FoldProcessor(progress, true), "events")
            .addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.persistentKeyValueStore(FoldProcessor.STORE), Serdes.ByteArray(), new WalletSerde())
                    .withLoggingEnabled(Map.of())
                    .withCachingEnabled(),
                "fold")
            .addSink("journal", options.journal(), new ByteArraySerializer(), new ByteArraySerializer(), "fold");
    }
}
