package dompet.rival;

import java.util.Properties;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.streams.StreamsConfig;

/** Settings of a fast reader: large fetches, long commit intervals, no cache, a thread a core. */
final class Settings {
    private static final int THREADS = Integer.getInteger("x.threads", 2);
    private static final long COMMIT_MS = Long.getLong("x.commit", 1_000);
    private static final long CACHE_BYTES = Long.getLong("x.cache", 256L << 20);

    private Settings() { }

    static Properties of(Options options) {
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, options.applicationId());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, options.bootstrapServers());
        settings.put(StreamsConfig.STATE_DIR_CONFIG, options.stateDir().toString());
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, THREADS);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.AT_LEAST_ONCE);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, 60_000);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, 0);
        settings.put(StreamsConfig.BUFFERED_RECORDS_PER_PARTITION_CONFIG, 5_000);
        settings.put(StreamsConfig.METRIC_REPORTER_CLASSES_CONFIG, "");
        settings.put(StreamsConfig.ENABLE_METRICS_PUSH_CONFIG, false);
        consumer(settings, ConsumerConfig.AUTO_OFFSET_RESET_CONFIG, "earliest");
        consumer(settings, ConsumerConfig.MAX_POLL_RECORDS_CONFIG, 10_000);
        consumer(settings, ConsumerConfig.MAX_PARTITION_FETCH_BYTES_CONFIG, 4 << 20);
        consumer(settings, ConsumerConfig.FETCH_MAX_BYTES_CONFIG, 64 << 20);
        consumer(settings, ConsumerConfig.CHECK_CRCS_CONFIG, false);
        return settings;
    }

    /** The same with exactly-once processing, a cache for each wallet's later changes, and large batches of rows. */
    static Properties storing(Options options) {
        Properties settings = of(options);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, StreamsConfig.EXACTLY_ONCE_V2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, COMMIT_MS);
        settings.put(StreamsConfig.STATESTORE_CACHE_MAX_BYTES_CONFIG, CACHE_BYTES);
        settings.put(StreamsConfig.ROCKSDB_CONFIG_SETTER_CLASS_CONFIG, RocksSettings.class);
        producer(settings, ProducerConfig.COMPRESSION_TYPE_CONFIG, "lz4");
        producer(settings, ProducerConfig.LINGER_MS_CONFIG, 100);
        producer(settings, ProducerConfig.BATCH_SIZE_CONFIG, 512 << 10);
        producer(settings, ProducerConfig.BUFFER_MEMORY_CONFIG, 64 << 20);
        return settings;
    }

    private static void producer(Properties settings, String name, Object value) {
        settings.put(StreamsConfig.producerPrefix(name), value);
    }

    private static void consumer(Properties settings, String name, Object value) {
        settings.put(StreamsConfig.mainConsumerPrefix(name), value);
    }
}
