package kinesislab;

import com.amazonaws.auth.AWSStaticCredentialsProvider;
import com.amazonaws.auth.BasicAWSCredentials;
import com.amazonaws.services.kinesisvideo.AmazonKinesisVideoPutMedia;
import com.amazonaws.services.kinesisvideo.AmazonKinesisVideoPutMediaClient;
import com.amazonaws.services.kinesisvideo.PutMediaAckResponseHandler;
import com.amazonaws.services.kinesisvideo.model.AckEvent;
import com.amazonaws.services.kinesisvideo.model.FragmentTimecodeType;
import com.amazonaws.services.kinesisvideo.model.PutMediaRequest;
import java.io.FileInputStream;
import java.io.InputStream;
import java.net.URI;
import java.util.Date;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Puts a file: PutMedia ENDPOINT STREAM FILE; prints each acknowledgement, and how it ended. */
public final class PutMedia {
  private static final int PATIENCE_SECONDS = 60;

  public static void main(String[] arguments) throws Exception {
    BasicAWSCredentials keys = new BasicAWSCredentials("AKIAIOSFODNN7EXAMPLE", "example-secret-key");
    AmazonKinesisVideoPutMedia client =
        AmazonKinesisVideoPutMediaClient.builder()
            .withRegion("us-east-1")
            .withEndpoint(URI.create(arguments[0]))
            .withCredentials(new AWSStaticCredentialsProvider(keys))
            .build();
    CountDownLatch ended = new CountDownLatch(1);
    try (InputStream media = new FileInputStream(arguments[2])) {
      PutMediaRequest request =
          new PutMediaRequest()
              .withStreamName(arguments[1])
              .withFragmentTimecodeType(FragmentTimecodeType.RELATIVE)
              .withProducerStartTimestamp(new Date(1_767_225_600_000L))
              .withPayload(media);
      client.putMedia(request, new Lines(ended));
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) System.out.println("late");
    }
    client.close();
  }

  private record Lines(CountDownLatch ended) implements PutMediaAckResponseHandler {
    @Override
    public void onAckEvent(AckEvent event) {
      System.out.println(event.getAckEventType() + " " + event.getFragmentTimecode());
    }

    @Override
    public void onFailure(Throwable error) {
      System.out.println("failed: " + error);
      ended.countDown();
    }

    @Override
    public void onComplete() {
      System.out.println("complete");
      ended.countDown();
    }
  }
}
