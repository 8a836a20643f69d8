package dompet.rival;

import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;

/** How far each partition's fold has come; complete when every partition reached its end offset. */
final class Progress {
    /** One partition's counts: written by its thread alone, read by others once {@link #done} is complete. */
    static final class Partition {
        final long end;
        final long[] outcomes = new long[Outcome.values().length];
        long events;
        long firstAt;
        long lastAt;
        boolean finished;

        Partition(long end) {
            this.end = end;
            finished = end == 0;
        }
    }

    /** Complete when all is folded, or completed with the exception that ended the run. */
    final CompletableFuture<Void> done = new CompletableFuture<>();
    private final Map<Integer, Long> ends;
    private final Map<Integer, Partition> begun = new ConcurrentHashMap<>();
    private int open;

    Progress(Map<Integer, Long> ends) {
        this.ends = ends;
        open = (int) ends.values().stream().filter(end -> end > 0).count();
        if (open == 0) {
            done.complete(null);
        }
    }

    /** The number of the topic's partitions. */
    int partitions() {
        return ends.size();
    }

    /**
     * The partition's counts; a task that comes to another thread goes on with them where its wallets came along, and may
     * begin again elsewhere only if it has folded nothing.
     */
    Partition begin(int partition, boolean keepsWallets) {
        if (keepsWallets) {
            return begun.computeIfAbsent(partition, any -> new Partition(ends.get(any)));
        }
        Partition fresh = new Partition(ends.get(partition));
        Partition former = begun.put(partition, fresh);
        if (former != null && former.events > 0) {
            throw new IllegalStateException("partition " + partition + " moved to another thread and lost its state");
        }
        return fresh;
    }

    synchronized void finish() {
        if (--open == 0) {
            done.complete(null);
        }
    }

    long events() {
        return counts().stream().mapToLong(partition -> partition.events).sum();
    }

    /** From the first record processed to the last. */
    double seconds() {
        return (counts().stream().mapToLong(p -> p.lastAt).max().orElse(0) - firstAt()) / 1e9;
    }

    /** {@link System#nanoTime()} at the first record processed. */
    long firstAt() {
        return counts().stream().mapToLong(partition -> partition.firstAt).min().orElse(0);
    }

    Map<Outcome, Long> outcomes() {
        Map<Outcome, Long> sums = new EnumMap<>(Outcome.class);
        for (Outcome outcome : Outcome.values()) {
            sums.put(outcome, counts().stream().mapToLong(partition -> partition.outcomes[outcome.ordinal()]).sum());
        }
        return sums;
    }

    private Collection<Partition> counts() {
        return begun.values().stream().filter(partition -> partition.events > 0).toList();
    }
}
