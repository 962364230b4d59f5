package kinesislab;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import javax.net.ssl.TrustManagerFactory;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.Protocol;
import software.amazon.awssdk.http.nio.netty.Http2Configuration;
import software.amazon.awssdk.http.nio.netty.NettyNioAsyncHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.cloudwatch.CloudWatchAsyncClient;
import software.amazon.awssdk.services.dynamodb.DynamoDbAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisAsyncClient;
import software.amazon.awssdk.services.kinesis.KinesisClient;

/** Kinesis Lab, in clear or over TLS, and clients of the three services that the KCL needs from it. */
final class Endpoint {
    static final StaticCredentialsProvider NO_ONE =
            StaticCredentialsProvider.create(AwsBasicCredentials.create("AKIAIOSFODNN7EXAMPLE", "example-secret-key"));

    private final URI address;
    private final TrustManagerFactory trust;

    private Endpoint(URI address, TrustManagerFactory trust) {
        this.address = address;
        this.trust = trust;
    }

    static Endpoint inClear(String url) {
        return new Endpoint(URI.create(url), null);
    }

    /** Trusts the certificate in the PEM file, and no other. */
    static Endpoint overTls(String url, Path certificate) throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (InputStream pem = Files.newInputStream(certificate)) {
            store.setCertificateEntry("lab", CertificateFactory.getInstance("X.509").generateCertificate(pem));
        }
        TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(store);
        return new Endpoint(URI.create(url), trust);
    }

    /** Over HTTP/2, set as the KCL's own KinesisClientUtil does; but it pings more often, so as to ping at all. */
    KinesisAsyncClient kinesis() {
        Http2Configuration http2 = Http2Configuration.builder()
                .initialWindowSize(512 * 1024)
                .healthCheckPingPeriod(Duration.ofSeconds(2))
                .build();
        return here(KinesisAsyncClient.builder())
                .httpClientBuilder(
                        http().maxConcurrency(Integer.MAX_VALUE).http2Configuration(http2).protocol(Protocol.HTTP2))
                .build();
    }

    /** The client that waits for each answer, over HTTP/1.1. */
    KinesisClient plainKinesis() {
        return here(KinesisClient.builder()).build();
    }

    DynamoDbAsyncClient dynamo() {
        return here(DynamoDbAsyncClient.builder()).httpClientBuilder(http()).build();
    }

    CloudWatchAsyncClient cloudWatch() {
        return here(CloudWatchAsyncClient.builder()).httpClientBuilder(http()).build();
    }

    private NettyNioAsyncHttpClient.Builder http() {
        NettyNioAsyncHttpClient.Builder builder = NettyNioAsyncHttpClient.builder();
        return trust == null ? builder : builder.tlsTrustManagersProvider(trust::getTrustManagers);
    }

    private <B extends AwsClientBuilder<B, C>, C> B here(B builder) {
        return builder.endpointOverride(address).region(Region.US_EAST_1).credentialsProvider(NO_ONE);
    }
}
