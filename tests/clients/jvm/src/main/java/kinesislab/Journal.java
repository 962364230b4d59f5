package kinesislab;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BooleanSupplier;

/** What one consumer application saw, in the order in which it saw it, over all its shards. */
class Journal {
    private final String name;
    private final List<List<String>> rows = new ArrayList<>();
    private final Set<String> texts = new HashSet<>();
    private final Set<String> ended = new HashSet<>();

    /** name: the application's. */
    Journal(String name) {
        this.name = name;
    }

    final String name() {
        return name;
    }

    synchronized void started(String shard) {
        rows.add(List.of("started", shard));
    }

    synchronized void record(String shard, String key, String text, String number, long sub) {
        rows.add(List.of("record", shard, key, text, number, Long.toString(sub)));
        texts.add(text);
        notifyAll();
    }

    synchronized void ended(String shard) {
        rows.add(List.of("ended", shard));
        ended.add(shard);
        notifyAll();
    }

    synchronized void lost(String shard) {
        rows.add(List.of("lost", shard));
    }

    /** Returns once so many different texts were seen. */
    void awaitTexts(int count, long seconds) throws InterruptedException, TimeoutException {
        await(() -> texts.size() >= count, seconds);
    }

    /** Returns once so many shards were seen to their end. */
    void awaitEnds(int count, long seconds) throws InterruptedException, TimeoutException {
        await(() -> ended.size() >= count, seconds);
    }

    final synchronized void await(BooleanSupplier reached, long seconds)
            throws InterruptedException, TimeoutException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!reached.getAsBoolean()) {
            long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
            if (left <= 0) {
                throw new TimeoutException(String.format(
                        "%s saw %d texts and the ends of %s; %d s are over", name, texts.size(), ended, seconds));
            }
            wait(left);
        }
    }

    synchronized List<List<String>> rows() {
        return List.copyOf(rows);
    }
}
