// A video stream as the AWS SDK for JavaScript sees it: node video.mjs ENDPOINT STREAM
// Endpoints, lists, live and stored media, a clip, a session; what is put is the test's.
import {
  DescribeStreamCommand,
  GetDataEndpointCommand,
  KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import {
  GetClipCommand,
  GetHLSStreamingSessionURLCommand,
  GetMediaForFragmentListCommand,
  KinesisVideoArchivedMediaClient,
  ListFragmentsCommand,
} from "@aws-sdk/client-kinesis-video-archived-media";
import { GetMediaCommand, KinesisVideoMediaClient } from "@aws-sdk/client-kinesis-video-media";

const [endpoint, StreamName] = process.argv.slice(2);
const settings = {
  region: "us-east-1",
  credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example-secret-key" },
};
const video = new KinesisVideoClient({ endpoint, ...settings });
const { StreamInfo } = await video.send(new DescribeStreamCommand({ StreamName }));

async function client(Client, APIName) {
  const found = await video.send(new GetDataEndpointCommand({ StreamName, APIName }));
  return new Client({ endpoint: found.DataEndpoint, ...settings });
}

const archived = await client(KinesisVideoArchivedMediaClient, "LIST_FRAGMENTS");
const { Fragments } = await archived.send(new ListFragmentsCommand({ StreamName }));
const numbers = Fragments.map((row) => row.FragmentNumber).sort();
const list = new GetMediaForFragmentListCommand({ StreamName, Fragments: numbers });
const stored = await (await archived.send(list)).Payload.transformToByteArray();

const TimestampRange = { StartTimestamp: new Date(0), EndTimestamp: new Date(86_400_000) };
const selector = { FragmentSelectorType: "PRODUCER_TIMESTAMP", TimestampRange };
const clip = await archived.send(
  new GetClipCommand({ StreamName, ClipFragmentSelector: selector }),
);
const movie = await clip.Payload.transformToByteArray();
const session = await archived.send(
  new GetHLSStreamingSessionURLCommand({
    StreamName,
    PlaybackMode: "ON_DEMAND",
    HLSFragmentSelector: selector,
  }),
);
const playlist = await (await fetch(session.HLSStreamingSessionURL)).text();

const media = await client(KinesisVideoMediaClient, "GET_MEDIA");
const StartSelector = { StartSelectorType: "EARLIEST" };
const live = await media.send(new GetMediaCommand({ StreamName, StartSelector }));
let bytes = 0;
for await (const part of live.Payload) {
  bytes += part.length;
  if (bytes >= stored.length) break;
}

console.log(
  JSON.stringify({
    status: StreamInfo.Status,
    fragments: numbers.length,
    stored: stored.length,
    clip: clip.ContentType,
    box: Buffer.from(movie.slice(4, 8)).toString(),
    playlist: playlist.split("\n")[0],
    live: bytes >= stored.length,
  }),
);
process.exit(0);
