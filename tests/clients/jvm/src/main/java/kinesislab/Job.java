package kinesislab;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.math.BigInteger;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.reactivestreams.Subscriber;
import org.reactivestreams.Subscription;
import software.amazon.awssdk.core.SdkBytes;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;
import software.amazon.awssdk.services.kinesis.model.ChildShard;
import software.amazon.awssdk.services.kinesis.model.GetRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.PutRecordsRequestEntry;
import software.amazon.awssdk.services.kinesis.model.PutRecordsResponse;
import software.amazon.awssdk.services.kinesis.model.Record;
import software.amazon.awssdk.services.kinesis.model.ResourceNotFoundException;
import software.amazon.awssdk.services.kinesis.model.Shard;
import software.amazon.awssdk.services.kinesis.model.ShardIteratorType;
import software.amazon.awssdk.services.kinesis.model.StreamDescriptionSummary;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEvent;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardEventStream;
import software.amazon.awssdk.services.kinesis.model.SubscribeToShardResponseHandler;

/**
 * The job of job.py, done by the AWS SDK for Java 2: the plain client puts and reads, CBOR over HTTP/1.1; the
 * asynchronous one subscribes, over HTTP/2. Its report goes to standard output as JSON.
 *
 * <p>Arguments: URL, URL over TLS with its certificate, the job's file.
 */
public final class Job {
    private static final long PATIENCE_SECONDS = 60;

    private final KinesisClient kinesis;
    private final KinesisAsyncClient pushing;
    private final JsonNode job;
    private final String stream;

    private Job(KinesisClient kinesis, KinesisAsyncClient pushing, JsonNode job) {
        this.kinesis = kinesis;
        this.pushing = pushing;
        this.job = job;
        this.stream = job.get("stream").asText();
    }

    public static void main(String[] args) {
        Main.run(() -> work(args));
    }

    private static void work(String[] args) throws Exception {
        ObjectMapper json = new ObjectMapper();
        try (KinesisClient kinesis = Endpoint.inClear(args[0]).plainKinesis();
                KinesisAsyncClient pushing = Endpoint.overTls(args[1], Path.of(args[2])).kinesis()) {
            Map<String, Object> report = new Job(kinesis, pushing, json.readTree(Path.of(args[3]).toFile())).done();
            System.out.println(json.writeValueAsString(report));
        }
    }

    private Map<String, Object> done() throws Exception {
        Map<String, Object> report = new LinkedHashMap<>();
        kinesis.createStream(b -> b.streamName(stream).shardCount(job.get("shards").asInt()));
        List<List<String>> acknowledged = new ArrayList<>(produce(0));
        Shard first = shards().get(0);
        Shard neighbour = shards().get(1);
        kinesis.splitShard(
                b -> b.streamName(stream).shardToSplit(first.shardId()).newStartingHashKey(middle(first)));
        acknowledged.addAll(produce(1));
        Shard upper = shards().get(shards().size() - 1);
        kinesis.mergeShards(b -> b.streamName(stream)
                .shardToMerge(upper.shardId())
                .adjacentShardToMerge(neighbour.shardId()));
        acknowledged.addAll(produce(2));
        report.put("acknowledged", acknowledged);
        List<Map<String, Object>> read = new ArrayList<>();
        for (Shard shard : shards()) {
            read.add(read(shard));
        }
        report.put("shards", read);
        subscribe(report, read);
        StreamDescriptionSummary told = kinesis.describeStreamSummary(b -> b.streamName(stream))
                .streamDescriptionSummary();
        report.put("createdAtMillis", told.streamCreationTimestamp().toEpochMilli());
        try {
            kinesis.describeStream(b -> b.streamName("nobody"));
        } catch (ResourceNotFoundException error) {
            report.put("refused", error.awsErrorDetails().errorMessage());
        }
        return report;
    }

    private List<List<String>> produce(int phase) {
        int size = job.get("recordsPerPhase").asInt();
        int most = job.get("recordsPerCall").asInt();
        List<List<String>> acknowledged = new ArrayList<>();
        for (int from = phase * size; from < (phase + 1) * size; from += most) {
            List<PutRecordsRequestEntry> entries = new ArrayList<>();
            for (int n = from; n < Math.min(from + most, (phase + 1) * size); n++) {
                JsonNode keys = job.get("keys");
                String key = keys.get(n % keys.size()).asText();
                SdkBytes data = SdkBytes.fromUtf8String(key + ":" + n);
                entries.add(PutRecordsRequestEntry.builder().partitionKey(key).data(data).build());
            }
            PutRecordsResponse answer = kinesis.putRecords(b -> b.streamName(stream).records(entries));
            for (int i = 0; i < entries.size(); i++) {
                PutRecordsRequestEntry entry = entries.get(i);
                acknowledged.add(List.of(
                        entry.partitionKey(),
                        entry.data().asUtf8String(),
                        answer.records().get(i).sequenceNumber()));
            }
        }
        return acknowledged;
    }

    private List<Shard> shards() {
        return kinesis.listShards(b -> b.streamName(stream)).shards();
    }

    private static String middle(Shard shard) {
        BigInteger low = new BigInteger(shard.hashKeyRange().startingHashKey());
        BigInteger high = new BigInteger(shard.hashKeyRange().endingHashKey());
        return low.add(high).shiftRight(1).add(BigInteger.ONE).toString();
    }

    private static List<String> row(Record record) {
        return List.of(record.partitionKey(), record.data().asUtf8String(), record.sequenceNumber());
    }

    private Map<String, Object> read(Shard shard) {
        String next = kinesis.getShardIterator(b -> b.streamName(stream)
                        .shardId(shard.shardId())
                        .shardIteratorType(ShardIteratorType.TRIM_HORIZON))
                .shardIterator();
        List<List<String>> records = new ArrayList<>();
        GetRecordsResponse answer;
        do {
            String iterator = next;
            answer = kinesis.getRecords(b -> b.shardIterator(iterator));
            answer.records().forEach(record -> records.add(row(record)));
            next = answer.nextShardIterator();
        } while (next != null && (!answer.records().isEmpty() || answer.millisBehindLatest() > 0));
        List<String> parents = Stream.of(shard.parentShardId(), shard.adjacentParentShardId())
                .filter(Objects::nonNull)
                .toList();
        List<String> children = answer.childShards().stream().map(ChildShard::shardId).toList();
        return Map.of("id", shard.shardId(), "parents", parents, "children", children, "records", records);
    }

    private void subscribe(Map<String, Object> report, List<Map<String, Object>> read) throws Exception {
        String arn = kinesis.describeStreamSummary(b -> b.streamName(stream))
                .streamDescriptionSummary()
                .streamARN();
        String consumer = kinesis.registerStreamConsumer(
                        b -> b.streamARN(arn).consumerName(job.get("consumer").asText()))
                .consumer()
                .consumerARN();
        Map<String, List<List<String>>> pushed = new LinkedHashMap<>();
        for (Map<String, Object> shard : read.subList(0, read.size() - 1)) {
            boolean closed = !((List<?>) shard.get("children")).isEmpty();
            int enough = closed ? Integer.MAX_VALUE : ((List<?>) shard.get("records")).size();
            String id = (String) shard.get("id");
            pushed.put(id, new Taking(consumer, id, ShardIteratorType.TRIM_HORIZON, enough).taken());
        }
        report.put("pushed", pushed);
        report.put("live", live(consumer, (String) read.get(read.size() - 1).get("id")));
    }

    private List<String> live(String consumer, String shard) throws Exception {
        String hash = shards().stream()
                .filter(each -> each.shardId().equals(shard))
                .findFirst()
                .orElseThrow()
                .hashKeyRange()
                .startingHashKey();
        Taking taking = new Taking(
                consumer, shard, ShardIteratorType.LATEST, job.get("live").size());
        taking.awaitBeginning();
        for (JsonNode text : job.get("live")) {
            kinesis.putRecord(b -> b.streamName(stream)
                    .partitionKey("live")
                    .explicitHashKey(hash)
                    .data(SdkBytes.fromUtf8String(text.asText())));
        }
        return taking.taken().stream().map(record -> record.get(1)).toList();
    }

    /** A subscription that is left when it has brought enough; that of a closed shard ends by itself. */
    private final class Taking implements Subscriber<SubscribeToShardEventStream> {
        private final List<List<String>> records = new ArrayList<>();
        private final int enough;
        private final CountDownLatch begun = new CountDownLatch(1);
        private final CountDownLatch ended = new CountDownLatch(1);
        private final CompletableFuture<Void> answer;
        private Subscription subscription;

        Taking(String consumer, String shard, ShardIteratorType from, int enough) {
            this.enough = enough;
            answer = pushing.subscribeToShard(
                    b -> b.consumerARN(consumer).shardId(shard).startingPosition(p -> p.type(from)),
                    SubscribeToShardResponseHandler.builder()
                            .onEventStream(events -> events.subscribe(this))
                            .build());
        }

        void awaitBeginning() throws InterruptedException, TimeoutException {
            await(begun);
        }

        List<List<String>> taken() throws Exception {
            await(ended);
            if (answer.isCompletedExceptionally() && records.size() < enough) {
                answer.get();
            }
            return records;
        }

        private void await(CountDownLatch latch) throws InterruptedException, TimeoutException {
            if (!latch.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new TimeoutException("a subscription brought " + records.size() + " of " + enough);
            }
        }

        @Override
        public void onSubscribe(Subscription given) {
            subscription = given;
            given.request(1);
            begun.countDown();
        }

        @Override
        public void onNext(SubscribeToShardEventStream event) {
            if (event instanceof SubscribeToShardEvent some) {
                some.records().forEach(record -> records.add(row(record)));
            }
            if (records.size() >= enough) {
                subscription.cancel();
                ended.countDown();
            } else {
                subscription.request(1);
            }
        }

        @Override
        public void onError(Throwable error) {
            ended.countDown();
        }

        @Override
        public void onComplete() {
            ended.countDown();
        }
    }
}
