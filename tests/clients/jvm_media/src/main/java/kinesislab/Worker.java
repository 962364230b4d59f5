package kinesislab;

import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.client.builder.AwsClientBuilder.EndpointConfiguration;
import com.amazonaws.kinesisvideo.parser.examples.GetMediaWorker;
import com.amazonaws.kinesisvideo.parser.utilities.FrameVisitor;
import com.amazonaws.regions.Regions;
import com.amazonaws.services.kinesisvideo.AmazonKinesisVideo;
import com.amazonaws.services.kinesisvideo.AmazonKinesisVideoClientBuilder;
import com.amazonaws.services.kinesisvideo.model.StartSelector;
import com.amazonaws.services.kinesisvideo.model.StartSelectorType;

/** AWS's own GetMedia worker, of its parser library, by SDK 1: Worker ENDPOINT STREAM FRAMES. */
public final class Worker {
  private Worker() {}

  public static void main(String[] arguments) {
    var keys =
        new AWSStaticCredentialsProvider(
            new BasicAWSCredentials("AKIAIOSFODNN7EXAMPLE", "example-secret-key"));
    AmazonKinesisVideo control =
        AmazonKinesisVideoClientBuilder.standard()
            .withEndpointConfiguration(new EndpointConfiguration(arguments[0], "us-east-1"))
            .withCredentials(keys)
            .build();
    int most = Integer.parseInt(arguments[2]);
    Frames frames =
        new Frames() {
          @Override
          void counted() {
            if (count < most) return;
            tell("worker");
            System.exit(0); // the worker reads until GetMedia ends, which it does not
          }
        };
    GetMediaWorker.create(
            Regions.US_EAST_1,
            keys,
            arguments[1],
            new StartSelector().withStartSelectorType(StartSelectorType.EARLIEST),
            control,
            FrameVisitor.create(frames))
        .run();
  }
}
