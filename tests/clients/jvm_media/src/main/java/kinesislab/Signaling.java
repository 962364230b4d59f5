package kinesislab;

import java.net.URI;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesisvideo.KinesisVideoClient;
import software.amazon.awssdk.services.kinesisvideo.model.ChannelProtocol;
import software.amazon.awssdk.services.kinesisvideo.model.ChannelRole;
import software.amazon.awssdk.services.kinesisvideosignaling.KinesisVideoSignalingClient;
import software.amazon.awssdk.services.kinesisvideosignaling.model.InvalidClientException;
import software.amazon.awssdk.services.kinesisvideosignaling.model.ResourceNotFoundException;

/** What SDK 2 asks of a signaling channel: Signaling ENDPOINT CHANNEL. */
public final class Signaling {
  private Signaling() {}

  public static void main(String[] arguments) {
    try (SdkHttpClient http = UrlConnectionHttpClient.create();
        KinesisVideoClient control =
            made(KinesisVideoClient.builder().httpClient(http), arguments[0])) {
      String arn =
          control.describeSignalingChannel(ask -> ask.channelName(arguments[1]))
              .channelInfo().channelARN();
      String endpoint =
          control.getSignalingChannelEndpoint(
                  ask -> ask.channelARN(arn).singleMasterChannelEndpointConfiguration(
                      want -> want.protocols(ChannelProtocol.HTTPS).role(ChannelRole.VIEWER)))
              .resourceEndpointList().get(0).resourceEndpoint();
      try (KinesisVideoSignalingClient signaling =
          made(KinesisVideoSignalingClient.builder().httpClient(http), endpoint)) {
        asked(signaling, arn);
      }
    }
  }

  private static void asked(KinesisVideoSignalingClient signaling, String arn) {
    var relays =
        signaling.getIceServerConfig(ask -> ask.channelARN(arn).clientId("ana")).iceServerList();
    System.out.println("relays " + relays.size() + " ttl " + relays.get(0).ttl());
    try {
      signaling.getIceServerConfig(ask -> ask.channelARN(arn).clientId("AWS_me"));
    } catch (InvalidClientException refused) {
      System.out.println("refused " + refused.statusCode());
    }
    try {
      signaling.sendAlexaOfferToMaster(
          ask -> ask.channelARN(arn).senderClientId("alexa").messagePayload("aGk="));
    } catch (ResourceNotFoundException nobody) {
      System.out.println("nobody " + nobody.statusCode());
    }
  }

  private static <B extends AwsClientBuilder<B, C>, C> C made(B builder, String endpoint) {
    return builder
        .endpointOverride(URI.create(endpoint))
        .region(Region.US_EAST_1)
        .credentialsProvider(
            StaticCredentialsProvider.create(
                AwsBasicCredentials.create("AKIAIOSFODNN7EXAMPLE", "example-secret-key")))
        .build();
  }
}
