package kinesislab;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.common.util.concurrent.ListenableFuture;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import software.amazon.kinesis.producer.KinesisProducer;
import software.amazon.kinesis.producer.KinesisProducerConfiguration;
import software.amazon.kinesis.producer.UserRecordResult;

/**
 * Puts user records through the KPL and its native daemon.
 *
 * <p>Every line of standard input is a JSON list of [partition key, text]; when all of them are acknowledged, a
 * line of standard output says where they went, as a list of [shard, sequence number].
 *
 * <p>Arguments: URL over TLS, its certificate, stream, folder for the daemon to be unpacked in.
 */
public final class Producer {
    private static final long PATIENCE_SECONDS = 60;

    private Producer() {}

    public static void main(String[] args) {
        Main.run(() -> work(args));
    }

    private static void work(String[] args) throws Exception {
        KinesisProducer producer = new KinesisProducer(configuration(URI.create(args[0]), args[1], args[3]));
        ObjectMapper json = new ObjectMapper();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            System.out.println(json.writeValueAsString(put(producer, args[2], json.readValue(line, String[][].class))));
        }
        producer.flushSync();
        producer.destroy();
    }

    private static List<List<String>> put(KinesisProducer producer, String stream, String[][] records)
            throws Exception {
        List<ListenableFuture<UserRecordResult>> futures = new ArrayList<>();
        for (String[] record : records) {
            ByteBuffer data = ByteBuffer.wrap(record[1].getBytes(StandardCharsets.UTF_8));
            futures.add(producer.addUserRecord(stream, record[0], data));
        }
        producer.flushSync();
        List<List<String>> placed = new ArrayList<>();
        for (ListenableFuture<UserRecordResult> future : futures) {
            UserRecordResult result = future.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            placed.add(List.of(result.getShardId(), result.getSequenceNumber()));
        }
        return placed;
    }

    private static KinesisProducerConfiguration configuration(URI address, String certificate, String folder) {
        return new KinesisProducerConfiguration()
                .setKinesisEndpoint(address.getHost())
                .setKinesisPort(address.getPort())
                .setCloudwatchEndpoint(address.getHost())
                .setCloudwatchPort(address.getPort())
                .setStsEndpoint(address.getHost())
                .setStsPort(address.getPort())
                .setCaCertFile(certificate)
                .setVerifyCertificate(true)
                .setTempDirectory(folder)
                .setRegion("us-east-1")
                .setCredentialsProvider(Endpoint.NO_ONE)
                .setMetricsUploadDelay(1_000)
                .setLogLevel("warning");
    }
}
