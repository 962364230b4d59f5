package kinesislab;

import com.amazonaws.kinesisvideo.parser.mkv.Frame;
import com.amazonaws.kinesisvideo.parser.mkv.FrameProcessException;
import com.amazonaws.kinesisvideo.parser.utilities.FragmentMetadata;
import com.amazonaws.kinesisvideo.parser.utilities.H264FrameDecoder;
import com.amazonaws.kinesisvideo.parser.utilities.MkvTrackMetadata;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jcodec.common.logging.LogLevel;
import org.jcodec.common.logging.Logger;

/** The frames that AWS's parser finds, decoded by AWS's decoder, and counted by their fragment. */
class Frames extends H264FrameDecoder {
  static {
    Logger.setLevel(LogLevel.ERROR); // jcodec says of each raw macroblock that it is untested
  }

  int count;
  private final Map<String, Integer> fragments = new LinkedHashMap<>();

  @Override
  public void process(
      Frame frame, MkvTrackMetadata track, Optional<FragmentMetadata> fragment)
      throws FrameProcessException {
    super.process(frame, track, fragment);
    FragmentMetadata found = fragment.orElseThrow();
    String told =
        found.getFragmentNumberString() + " " + found.getProducerSideTimestampMillis() + " "
            + found.getServerSideTimestampMillis();
    fragments.merge(told, 1, Integer::sum);
    count++;
    counted();
  }

  /** One more has come. */
  void counted() {}

  /** Prints a line per fragment: its number, both its times (epoch ms), frames; then the sum. */
  void tell(String what) {
    fragments.forEach((told, frames) -> System.out.println(what + " " + told + " " + frames));
    System.out.println(what + " decoded " + getFrameCount());
  }
}
