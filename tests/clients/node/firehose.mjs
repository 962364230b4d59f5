// A Firehose stream's whole life, done by the AWS SDK for JavaScript: node firehose.mjs ENDPOINT
// Create, wait, put, pass the time, tell what the stream says of itself. Buckets are the test's.
import {
  CreateDeliveryStreamCommand,
  DescribeDeliveryStreamCommand,
  FirehoseClient,
  PutRecordBatchCommand,
  PutRecordCommand,
} from "@aws-sdk/client-firehose";

const [endpoint] = process.argv.slice(2);
const firehose = new FirehoseClient({
  endpoint,
  region: "us-east-1",
  credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example-secret-key" },
});
const DeliveryStreamName = "meu-firehose";
const send = (Command, input) => firehose.send(new Command({ DeliveryStreamName, ...input }));
const bytes = (text) => new TextEncoder().encode(text);

const advance = (by) =>
  fetch(`${endpoint}/_kinesis_lab/clock/advance`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ by }),
  });

async function status() {
  const { DeliveryStreamDescription: told } = await send(DescribeDeliveryStreamCommand, {});
  return told.DeliveryStreamStatus;
}

const made = await send(CreateDeliveryStreamCommand, {
  ExtendedS3DestinationConfiguration: {
    RoleARN: "arn:aws:iam::123456789012:role/firehose",
    BucketARN: "arn:aws:s3:::entregas-node",
    Prefix: "cliques/",
    BufferingHints: { SizeInMBs: 1, IntervalInSeconds: 60 },
  },
});
const states = [await status()];
await advance("60s");
states.push(await status());
const one = await send(PutRecordCommand, { Record: { Data: bytes("um\n") } });
const Records = ["dois\n", "três\n"].map((text) => ({ Data: bytes(text) }));
const batch = await send(PutRecordBatchCommand, { Records });
await advance("61s");
firehose.destroy();
console.log(
  JSON.stringify({
    arn: made.DeliveryStreamARN,
    states,
    ids: [one.RecordId, ...batch.RequestResponses.map(({ RecordId }) => RecordId)],
    failed: batch.FailedPutCount,
  }),
);
