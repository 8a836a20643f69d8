package dompet.sink;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Type;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;

/** Writes records whose values are rows in RowBinary into a ClickHouse server over HTTP. */
public final class ClickHouseSink extends SinkConnector {
    static final String URL = "clickhouse.url";
    static final String INSERT = "clickhouse.insert";
    static final String USER = "clickhouse.user";
    static final String PASSWORD = "clickhouse.password";

    private Map<String, String> settings = Map.of();

    @Override
    public void start(Map<String, String> itsSettings) {
        settings = Map.copyOf(itsSettings);
    }

    @Override
    public Class<? extends Task> taskClass() {
        return ClickHouseSinkTask.class;
    }

    /** Connect shares the topic's partitions among the tasks. */
    @Override
    public List<Map<String, String>> taskConfigs(int count) {
        return Collections.nCopies(count, settings);
    }

    @Override
    public void stop() { }

    @Override
    public ConfigDef config() {
        return new ConfigDef()
            .define(URL, Type.STRING, Importance.HIGH, "The server's address for HTTP.")
            .define(INSERT, Type.STRING, Importance.HIGH, "An INSERT with FORMAT RowBinary.")
            .define(USER, Type.STRING, Importance.HIGH, "The user.")
            .define(PASSWORD, Type.PASSWORD, Importance.HIGH, "The user's password.");
    }

    @Override
    public String version() {
        return "1";
    }
}
