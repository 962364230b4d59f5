package kinesislab;

import com.amazonaws.kinesisvideo.parser.ebml.InputStreamParserByteSource;
import com.amazonaws.kinesisvideo.parser.mkv.MkvElementVisitException;
import com.amazonaws.kinesisvideo.parser.mkv.StreamingMkvReader;
import com.amazonaws.kinesisvideo.parser.utilities.FrameVisitor;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.time.Instant;
import java.util.List;
import software.amazon.awssdk.auth.credentials.AwsBasicCredentials;
import software.amazon.awssdk.auth.credentials.StaticCredentialsProvider;
import software.amazon.awssdk.awscore.client.builder.AwsClientBuilder;
import software.amazon.awssdk.core.ResponseBytes;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.sync.ResponseTransformer;
import software.amazon.awssdk.http.SdkHttpClient;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.kinesisvideo.KinesisVideoClient;
import software.amazon.awssdk.services.kinesisvideo.model.APIName;
import software.amazon.awssdk.services.kinesisvideoarchivedmedia.KinesisVideoArchivedMediaClient;
import software.amazon.awssdk.services.kinesisvideoarchivedmedia.model.ClipFragmentSelectorType;
import software.amazon.awssdk.services.kinesisvideoarchivedmedia.model.Format;
import software.amazon.awssdk.services.kinesisvideoarchivedmedia.model.Fragment;
import software.amazon.awssdk.services.kinesisvideoarchivedmedia.model.GetClipResponse;
import software.amazon.awssdk.services.kinesisvideoarchivedmedia.model.HLSPlaybackMode;
import software.amazon.awssdk.services.kinesisvideoarchivedmedia.model.ImageSelectorType;
import software.amazon.awssdk.services.kinesisvideomedia.KinesisVideoMediaClient;
import software.amazon.awssdk.services.kinesisvideomedia.model.GetMediaResponse;
import software.amazon.awssdk.services.kinesisvideomedia.model.StartSelectorType;

/**
 * Reads what a stream has, by SDK 2 and AWS's parser of media: ReadMedia ENDPOINT STREAM FRAMES
 * FROM TO (epoch ms), then by SDK 1 and AWS's worker. GetMedia stays open, so it is read until so
 * many frames have come.
 */
public final class ReadMedia {
  private final KinesisVideoClient control;
  private final SdkHttpClient http;
  private final String stream;

  private ReadMedia(SdkHttpClient http, String endpoint, String stream) {
    this.http = http;
    this.stream = stream;
    this.control = made(KinesisVideoClient.builder().httpClient(http), endpoint);
  }

  public static void main(String[] arguments) throws Exception {
    try (SdkHttpClient http = UrlConnectionHttpClient.create()) {
      ReadMedia reader = new ReadMedia(http, arguments[0], arguments[1]);
      Instant from = Instant.ofEpochMilli(Long.parseLong(arguments[3]));
      Instant to = Instant.ofEpochMilli(Long.parseLong(arguments[4]));
      System.out.println(
          "status " + reader.control.describeStream(ask -> ask.streamName(reader.stream))
              .streamInfo().statusAsString());
      reader.live(Integer.parseInt(arguments[2]));
      reader.archived(from, to);
      reader.control.close();
    }
    Worker.main(arguments);
  }

  private void live(int frames) throws Exception {
    try (KinesisVideoMediaClient media =
        made(KinesisVideoMediaClient.builder().httpClient(http), where(APIName.GET_MEDIA))) {
      ResponseInputStream<GetMediaResponse> answer = media.getMedia(
          ask -> ask.streamName(stream)
              .startSelector(at -> at.startSelectorType(StartSelectorType.EARLIEST)));
      System.out.println("type " + answer.response().contentType());
      parsed("live", answer, frames);
      answer.abort();
    }
  }

  private void archived(Instant from, Instant to) throws Exception {
    try (KinesisVideoArchivedMediaClient media =
        made(
            KinesisVideoArchivedMediaClient.builder().httpClient(http),
            where(APIName.LIST_FRAGMENTS))) {
      List<String> numbers =
          media.listFragmentsPaginator(ask -> ask.streamName(stream).maxResults(3L))
              .fragments().stream().map(Fragment::fragmentNumber).sorted().toList();
      System.out.println("listed " + numbers.size());
      try (InputStream stored =
          media.getMediaForFragmentList(ask -> ask.streamName(stream).fragments(numbers))) {
        parsed("stored", stored, Integer.MAX_VALUE);
      }
      ResponseBytes<GetClipResponse> clip =
          media.getClip(
              ask -> ask.streamName(stream).clipFragmentSelector(
                  chosen -> chosen.fragmentSelectorType(ClipFragmentSelectorType.PRODUCER_TIMESTAMP)
                      .timestampRange(range -> range.startTimestamp(from).endTimestamp(to))),
              ResponseTransformer.toBytes());
      System.out.println("clip " + clip.response().contentType());
      long images =
          media.getImages(
              ask -> ask.streamName(stream).imageSelectorType(ImageSelectorType.PRODUCER_TIMESTAMP)
                  .startTimestamp(from).endTimestamp(to).samplingInterval(4_000).format(Format.PNG))
              .images().stream().filter(each -> each.imageContent() != null).count();
      System.out.println("images " + images);
      String session =
          media.getHLSStreamingSessionURL(
              ask -> ask.streamName(stream).playbackMode(HLSPlaybackMode.LIVE))
              .hlsStreamingSessionURL();
      try (InputStream playlist = URI.create(session).toURL().openStream()) {
        System.out.println("session " + new String(playlist.readAllBytes()).split("\n")[0]);
      }
    }
  }

  private String where(APIName api) {
    return control.getDataEndpoint(ask -> ask.streamName(stream).apiName(api)).dataEndpoint();
  }

  /** AWS's parser reads the media; a line for each frame, and what AWS's decoder made of it. */
  private static void parsed(String what, InputStream media, int most)
      throws IOException, MkvElementVisitException {
    Frames frames = new Frames();
    FrameVisitor visitor = FrameVisitor.create(frames);
    StreamingMkvReader reader =
        StreamingMkvReader.createDefault(new InputStreamParserByteSource(media));
    while (frames.count < most && reader.mightHaveNext()) {
      var element = reader.nextIfAvailable();
      if (element.isPresent()) element.get().accept(visitor);
    }
    frames.tell(what);
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
