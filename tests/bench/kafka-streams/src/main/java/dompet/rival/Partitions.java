package dompet.rival;

import dompet.rival.Options.BadInput;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.streams.KafkaStreams;

/** A topic's partitions: where they end, and whether all are assigned. */
final class Partitions {
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private Partitions() { }

    static Admin admin(Options options) {
        return Admin.create(Map.of(
            AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrapServers(),
            AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, 10_000,
            AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, 10_000));
    }

    /** Returns once every thread runs with its share of the partitions. */
    static void awaitShares(KafkaStreams streams, Progress progress)
            throws InterruptedException, ExecutionException {
        long deadline = System.nanoTime() + PATIENCE.toNanos();
        while (!isAssigned(streams, progress.partitions())) {
            if (progress.done.isCompletedExceptionally()) {
                progress.done.get();
            } else if (System.nanoTime() > deadline) {
                throw new BadInput("the partitions were not assigned within " + PATIENCE.toSeconds() + " s");
            }
            Thread.sleep(10);
        }
    }

    private static boolean isAssigned(KafkaStreams streams, int partitions) {
        List<Integer> shares = streams.metadataForLocalThreads().stream().map(t -> t.activeTasks().size()).toList();
        int least = shares.stream().min(Comparator.naturalOrder()).orElse(0);
        return streams.state() == KafkaStreams.State.RUNNING
            && shares.stream().mapToInt(Integer::intValue).sum() == partitions
            && least == partitions / shares.size();
    }

    /** The offset after the last record of each partition. */
    static Map<Integer, Long> ends(Admin admin, String topic)
            throws InterruptedException, ExecutionException {
        int partitions = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic).partitions().size();
        Map<TopicPartition, OffsetSpec> latest = IntStream.range(0, partitions)
            .mapToObj(partition -> new TopicPartition(topic, partition))
            .collect(Collectors.toMap(Function.identity(), partition -> OffsetSpec.latest()));
        return admin.listOffsets(latest).all().get().entrySet().stream()
            .collect(Collectors.toMap(entry -> entry.getKey().partition(), entry -> entry.getValue().offset()));
    }
}
