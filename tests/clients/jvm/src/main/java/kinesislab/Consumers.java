package kinesislab;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Reads streams with KCL applications that run side by side.
 *
 * <p>Every line of standard input is a number of records; once every application has seen so many different ones,
 * the line comes back. At the end of the input the program waits until every application has also seen the ends
 * of so many shards, stops them, and prints their journals as one JSON object.
 *
 * <p>Arguments: URL in clear, URL over TLS, its certificate, ends of shards, seconds to wait for each step, and then
 * for each application its name, its stream, and "polling" (in clear) or "fan-out" (over TLS).
 */
public final class Consumers {
    private Consumers() {}

    public static void main(String[] args) {
        Main.run(() -> work(args));
    }

    private static void work(String[] args) throws Exception {
        Endpoint inClear = Endpoint.inClear(args[0]);
        Endpoint overTls = Endpoint.overTls(args[1], Path.of(args[2]));
        int ends = Integer.parseInt(args[3]);
        long seconds = Long.parseLong(args[4]);
        Map<String, Application> applications = new TreeMap<>();
        for (int at = 5; at < args.length; at += 3) {
            boolean fansOut = args[at + 2].equals("fan-out");
            Endpoint endpoint = fansOut ? overTls : inClear;
            applications.put(args[at], new Application(args[at], args[at + 1], endpoint, fansOut));
        }
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            for (Application application : applications.values()) {
                application.journal().awaitTexts(Integer.parseInt(line), seconds);
            }
            System.out.println(line);
        }
        System.out.println(new ObjectMapper().writeValueAsString(finish(applications, ends, seconds)));
    }

    private static Map<String, List<List<String>>> finish(Map<String, Application> applications, int ends, long seconds)
            throws Exception {
        Map<String, List<List<String>>> journals = new TreeMap<>();
        for (Application application : applications.values()) {
            application.journal().awaitEnds(ends, seconds);
        }
        for (Map.Entry<String, Application> entry : applications.entrySet()) {
            entry.getValue().stop();
            journals.put(entry.getKey(), entry.getValue().journal().rows());
        }
        return journals;
    }
}
