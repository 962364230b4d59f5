package kinesislab;

import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.kinesis.common.ConfigsBuilder;
import software.amazon.kinesis.common.InitialPositionInStream;
import software.amazon.kinesis.common.InitialPositionInStreamExtended;
import software.amazon.kinesis.coordinator.CoordinatorConfig;
import software.amazon.kinesis.coordinator.Scheduler;
import software.amazon.kinesis.leases.LeaseManagementConfig;
import software.amazon.kinesis.metrics.MetricsConfig;
import software.amazon.kinesis.processor.SingleStreamTracker;
import software.amazon.kinesis.retrieval.RetrievalSpecificConfig;
import software.amazon.kinesis.retrieval.fanout.FanOutConfig;
import software.amazon.kinesis.retrieval.polling.PollingConfig;

/**
 * One worker of one KCL application, reading a stream from its beginning.
 *
 * <p>The KCL's own times suit fleets that run for months; here they are as short as it takes them.
 */
final class Application {
    private static final long SOON_MILLIS = 500;
    private static final long IDLE_MILLIS = 250;
    private static final long STOP_SECONDS = 30;

    private final KinesisAsyncClient kinesis;
    private final DynamoDbAsyncClient dynamo;
    private final CloudWatchAsyncClient cloudWatch;
    private final Journal journal;
    private final Scheduler scheduler;
    private final Thread thread;

    /** fansOut: by enhanced fan-out, or else by polling. name: also the lease table's and the namespace's. */
    Application(String name, String stream, Endpoint endpoint, boolean fansOut) {
        this(name, stream, endpoint, fansOut, new Journal(name));
    }

    /** journal: told all that it sees. */
    Application(String name, String stream, Endpoint endpoint, boolean fansOut, Journal journal) {
        this.journal = journal;
        kinesis = endpoint.kinesis();
        dynamo = endpoint.dynamo();
        cloudWatch = endpoint.cloudWatch();
        scheduler = scheduler(name, stream, fansOut);
        thread = new Thread(scheduler, name);
        thread.setDaemon(true);
        thread.start();
    }

    Journal journal() {
        return journal;
    }

    /** Hands the leases back and waits until the last metrics are out. */
    void stop() throws InterruptedException, ExecutionException, TimeoutException {
        scheduler.startGracefulShutdown().get(STOP_SECONDS, TimeUnit.SECONDS);
        thread.join(TimeUnit.SECONDS.toMillis(STOP_SECONDS));
        kinesis.close();
        dynamo.close();
        cloudWatch.close();
    }

    private Scheduler scheduler(String name, String stream, boolean fansOut) {
        InitialPositionInStreamExtended beginning =
                InitialPositionInStreamExtended.newInitialPosition(InitialPositionInStream.TRIM_HORIZON);
        ConfigsBuilder configs = new ConfigsBuilder(
                new SingleStreamTracker(stream, beginning),
                name,
                kinesis,
                dynamo,
                cloudWatch,
                name + "-worker",
                () -> new Recorder(journal));
        return new Scheduler(
                configs.checkpointConfig(),
                coordination(configs.coordinatorConfig()),
                leases(configs.leaseManagementConfig()),
                configs.lifecycleConfig(),
                metrics(configs.metricsConfig()),
                configs.processorConfig(),
                configs.retrievalConfig().retrievalSpecificConfig(fansOut ? fanOut(name, stream) : polling(stream)));
    }

    private static CoordinatorConfig coordination(CoordinatorConfig config) {
        return config.parentShardPollIntervalMillis(SOON_MILLIS).shardConsumerDispatchPollIntervalMillis(IDLE_MILLIS);
    }

    private static LeaseManagementConfig leases(LeaseManagementConfig config) {
        config.workerUtilizationAwareAssignmentConfig()
                .inMemoryWorkerMetricsCaptureFrequencyMillis(SOON_MILLIS)
                .workerMetricsReporterFreqInMillis(SOON_MILLIS);
        return config.failoverTimeMillis(4 * SOON_MILLIS)
                .leaseAssignmentIntervalMillis(SOON_MILLIS)
                .shardSyncIntervalMillis(SOON_MILLIS)
                .listShardsCacheAllowedAgeInSeconds(1);
    }

    private static MetricsConfig metrics(MetricsConfig config) {
        return config.metricsBufferTimeMillis(SOON_MILLIS);
    }

    private RetrievalSpecificConfig polling(String stream) {
        return new PollingConfig(stream, kinesis).idleTimeBetweenReadsInMillis(IDLE_MILLIS);
    }

    private RetrievalSpecificConfig fanOut(String name, String stream) {
        return new FanOutConfig(kinesis).streamName(stream).applicationName(name).retryBackoffMillis(SOON_MILLIS);
    }
}
