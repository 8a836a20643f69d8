package dompet.rival;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.StringJoiner;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.ReadOnlyKeyValueStore;

/** The sums over all wallets, and a line per wallet for comparison. Amounts are whole rupiah. */
final class Report {
    private final List<String> lines = new ArrayList<>();
    private long credited;
    private long spent;
    private long refunded;
    private long returned;
    private long balance;
    private long purchases;
    private long openOrders;

    Report(ReadOnlyKeyValueStore<byte[], Wallet> wallets) {
        try (KeyValueIterator<byte[], Wallet> all = wallets.all()) {
            while (all.hasNext()) {
                KeyValue<byte[], Wallet> next = all.next();
                add(new String(next.key, StandardCharsets.UTF_8), next.value);
            }
        }
        Collections.sort(lines);
    }

    /** Writes {@code beneficiary_id,balance,status,purchases,open_orders}, sorted. */
    void writeWallets(Path file) throws IOException {
        Files.write(file, lines);
    }

    /** One line of JSON. */
    String json(Progress progress, double startupSeconds) {
        Map<Outcome, Long> outcomes = progress.outcomes();
        StringJoiner reasons = new StringJoiner(",", "{", "}");
        long rejected = 0;
        for (Map.Entry<Outcome, Long> entry : outcomes.entrySet()) {
            if (entry.getKey().isRejected() && entry.getValue() > 0) {
                reasons.add("\"" + entry.getKey().reason() + "\":" + entry.getValue());
                rejected += entry.getValue();
            }
        }
        return String.format(Locale.ROOT,
            "{\"events\":%d,\"seconds\":%.3f,\"startup_seconds\":%.3f,\"accepted\":%d,\"duplicate\":%d,\"rejected\":%d,"
                + "\"dead\":%d,\"credited\":%d,\"spent\":%d,\"refunded\":%d,\"returned\":%d,\"balance\":%d,"
                + "\"wallets\":%d,\"purchases\":%d,\"open_orders\":%d,\"reasons\":%s}",
            progress.events(), progress.seconds(), startupSeconds, outcomes.get(Outcome.ACCEPTED),
            outcomes.get(Outcome.DUPLICATE), rejected, outcomes.get(Outcome.DEAD), credited, spent, refunded, returned,
            balance, lines.size(), purchases, openOrders, reasons);
    }

    private void add(String beneficiary, Wallet wallet) {
        credited += wallet.credited;
        spent += wallet.spent;
        refunded += wallet.refunded;
        returned += wallet.returned;
        balance += wallet.balance;
        purchases += wallet.purchases;
        openOrders += wallet.openOrders;
        lines.add(String.join(",", beneficiary, Long.toString(wallet.balance),
            wallet.status.name().toLowerCase(Locale.ROOT), Integer.toString(wallet.purchases),
            Integer.toString(wallet.openOrders)));
    }
}
