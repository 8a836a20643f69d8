package dompet.rival;

import dompet.rival.Options.BadInput;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.StoreQueryParameters;
import org.apache.kafka.streams.Topology;
import org.apache.kafka.streams.errors.StreamsUncaughtExceptionHandler.StreamThreadExceptionResponse;
import org.apache.kafka.streams.state.QueryableStoreTypes;
import org.apache.kafka.streams.state.Stores;

/**
 * Folds a topic from its start to the end offsets found at start, and prints one line of JSON. Where a journal is named,
 * it stores as {@link Storing} says.
 */
public final class Main {
    private Main() { }

    /** Exits with 0, or with 2 and one sentence where the input or the broker is at fault. */
    public static void main(String[] args) throws InterruptedException {
        try {
            Options options = Options.parse(args);
            try {
                if (options.journal() == null) {
                    System.out.println(run(options));
                } else {
                    Storing.run(options);
                }
            } catch (ExecutionException | KafkaException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                throw new BadInput("cannot fold topic " + options.topic() + " at " + options.bootstrapServers() + ": "
                    + cause.getMessage());
            } catch (IOException e) {
                throw new BadInput("cannot write the wallets: " + e);
            }
        } catch (BadInput e) {
            System.err.println("kafka-streams-rival: " + e.getMessage());
            System.exit(2);
        }
    }

    private static String run(Options options) throws InterruptedException, ExecutionException, IOException {
        try (Admin admin = Partitions.admin(options)) {
            String group = options.applicationId();
            if (!admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get().isEmpty()) {
                throw new BadInput("application id " + group + " was used before: its offsets would skip events");
            }
            Progress progress = new Progress(Partitions.ends(admin, options.topic()));
            String report;
            try (KafkaStreams streams = new KafkaStreams(topology(options.topic(), progress), Settings.of(options))) {
                report = fold(streams, progress, options);
            }
            // An in-memory store writes nothing into it.
            Files.deleteIfExists(options.stateDir());
            // Streams threads stay in their group when they close, until their sessions time out.
            admin.removeMembersFromConsumerGroup(group, new RemoveMembersFromConsumerGroupOptions()).all().get();
            admin.deleteConsumerGroups(List.of(group)).all().get();
            return report;
        }
    }

    private static Topology topology(String topic, Progress progress) {
        return new Topology()
            .addSource("events", new ByteArrayDeserializer(), new EventDeserializer(), topic)
            .addProcessor("fold", () -> new FoldProcessor(progress, false), "events")
            .addStateStore(
                Stores.keyValueStoreBuilder(
                        Stores.inMemoryKeyValueStore(FoldProcessor.STORE), Serdes.ByteArray(), new WalletSerde())
                    .withLoggingDisabled()
                    .withCachingDisabled(),
                "fold");
    }

    private static String fold(KafkaStreams streams, Progress progress, Options options)
            throws InterruptedException, ExecutionException, IOException {
        streams.setUncaughtExceptionHandler(failure -> {
            progress.done.completeExceptionally(failure);
            return StreamThreadExceptionResponse.SHUTDOWN_CLIENT;
        });
        // A task that changes its thread loses its unlogged store: begin when every thread has its share.
        streams.pause();
        streams.start();
        Partitions.awaitShares(streams, progress);
        streams.resume();
        progress.done.get();
        Report report = new Report(streams.store(StoreQueryParameters.fromNameAndType(
            FoldProcessor.STORE, QueryableStoreTypes.<byte[], Wallet>keyValueStore())));
        if (options.output() != null) {
            report.writeWallets(options.output());
        }
        return report.json(progress, startupSeconds(progress));
    }

    /** From the start of the JVM to the first record processed. */
    private static double startupSeconds(Progress progress) {
        double up = ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
        return progress.events() == 0 ? up : up - (System.nanoTime() - progress.firstAt()) / 1e9;
    }
}
