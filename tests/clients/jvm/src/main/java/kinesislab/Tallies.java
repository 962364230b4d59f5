package kinesislab;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeoutException;

/**
 * Reads streams with KCL applications for a long time, and keeps counts only.
 *
 * <p>Every line of standard input is a number of records; once every application has seen so many different ones, or
 * the seconds are over, a line says what each has seen. At the end of the input they are stopped.
 *
 * <p>Arguments: URL in clear, URL over TLS, its certificate, seconds to wait for each line, and then for each
 * application its name, its stream, and "polling" (in clear) or "fan-out" (over TLS).
 */
public final class Tallies {
    private Tallies() {}

    public static void main(String[] args) {
        Main.run(() -> work(args));
    }

    private static void work(String[] args) throws Exception {
        Endpoint inClear = Endpoint.inClear(args[0]);
        Endpoint overTls = Endpoint.overTls(args[1], Path.of(args[2]));
        long seconds = Long.parseLong(args[3]);
        Map<String, Tally> tallies = new TreeMap<>();
        Map<String, Application> applications = new TreeMap<>();
        for (int at = 4; at < args.length; at += 3) {
            boolean fansOut = args[at + 2].equals("fan-out");
            Endpoint endpoint = fansOut ? overTls : inClear;
            Tally tally = new Tally(args[at]);
            tallies.put(args[at], tally);
            applications.put(args[at], new Application(args[at], args[at + 1], endpoint, fansOut, tally));
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Map<String, Map<String, Integer>> told = new TreeMap<>();
            for (Tally tally : tallies.values()) {
                told.put(tally.name(), tally.counts(Integer.parseInt(line), seconds));
            }
            System.out.println(new ObjectMapper().writeValueAsString(told));
        }
        for (Map.Entry<String, Application> each : applications.entrySet()) {
            try {
                each.getValue().stop();
            } catch (TimeoutException slow) { // on a busy machine; what it saw has been told
                System.err.println(each.getKey() + " did not stop in time");
            }
        }
    }
}
