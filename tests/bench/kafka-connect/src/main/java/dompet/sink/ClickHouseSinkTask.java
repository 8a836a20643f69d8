package dompet.sink;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.sink.SinkTask;

/**
 * Inserts each batch that Connect hands over with one request, and returns once the server has stored it: so Connect
 * commits no offset of a row that is not stored. A batch that is done again replaces its rows in a ReplacingMergeTree.
 */
public final class ClickHouseSinkTask extends SinkTask {
    private static final Duration LIMIT = Duration.ofSeconds(60);
    private static final int OK = 200;

    private final HttpClient client = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
    private HttpRequest.Builder request;

    @Override
    public void start(Map<String, String> settings) {
        String query = URLEncoder.encode(settings.get(ClickHouseSink.INSERT), StandardCharsets.UTF_8);
        request = HttpRequest.newBuilder(URI.create(settings.get(ClickHouseSink.URL) + "?query=" + query))
            .timeout(LIMIT)
            .header("X-ClickHouse-User", settings.get(ClickHouseSink.USER))
            .header("X-ClickHouse-Key", settings.get(ClickHouseSink.PASSWORD));
    }

    @Override
    public void put(Collection<SinkRecord> records) {
        if (records.isEmpty()) {
            return;
        }
        List<byte[]> rows = new ArrayList<>(records.size());
        for (SinkRecord record : records) {
            rows.add((byte[]) record.value());
        }
        HttpResponse<String> answer = send(request.copy().POST(BodyPublishers.ofByteArrays(rows)).build());
        if (answer.statusCode() != OK) {
            throw new ConnectException("ClickHouse answered " + answer.statusCode() + ": " + answer.body());
        }
    }

    private HttpResponse<String> send(HttpRequest full) {
        try {
            return client.send(full, BodyHandlers.ofString());
        } catch (IOException e) {
            throw new RetriableException("ClickHouse does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RetriableException("interrupted while ClickHouse stored a batch", e);
        }
    }

    @Override
    public void stop() { }

    @Override
    public String version() {
        return "1";
    }
}
