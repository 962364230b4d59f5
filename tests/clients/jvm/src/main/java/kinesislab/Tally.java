package kinesislab;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Counts of what one consumer application saw. A record's text ends with "-" and its number among its key's. */
final class Tally extends Journal {
    private final Map<String, Integer> newest = new HashMap<>();
    private final Set<String> seen = new HashSet<>();
    private int repeated;
    private int disordered;
    private int leasesLost;

    /** name: the application's. */
    Tally(String name) {
        super(name);
    }

    @Override
    synchronized void started(String shard) {}

    @Override
    synchronized void record(String shard, String key, String text, String number, long sub) {
        if (seen.add(text)) {
            int at = Integer.parseInt(text.substring(text.lastIndexOf('-') + 1).strip());
            if (at < newest.getOrDefault(key, 0)) {
                disordered++;
            }
            newest.put(key, at);
            notifyAll();
        } else {
            repeated++;
        }
    }

    @Override
    synchronized void ended(String shard) {}

    @Override
    synchronized void lost(String shard) {
        leasesLost++;
    }

    /** What it came to, once so many different records were seen or the seconds are over. */
    synchronized Map<String, Integer> counts(int count, long seconds) throws InterruptedException {
        try {
            await(() -> seen.size() >= count, seconds);
        } catch (TimeoutException late) {
            // whoever asks sees how many there were
        }
        return Map.of("records", seen.size(), "repeated", repeated, "disordered", disordered, "leases lost", leasesLost);
    }
}
