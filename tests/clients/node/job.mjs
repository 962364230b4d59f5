// The job of ../job.py, done by the AWS SDK for JavaScript: node job.mjs ENDPOINT TRANSPORT
// Its report goes to stdout as JSON. TRANSPORT: "default" or "http/1.1".
import { readFileSync } from "node:fs";
import {
  CreateStreamCommand,
  DescribeStreamSummaryCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ListShardsCommand,
  MergeShardsCommand,
  PutRecordCommand,
  PutRecordsCommand,
  RegisterStreamConsumerCommand,
  SplitShardCommand,
  SubscribeToShardCommand,
} from "@aws-sdk/client-kinesis";
import { connect, protocolOf } from "./client.mjs";

const [endpoint, transport] = process.argv.slice(2);
const job = JSON.parse(readFileSync(new URL("../job.json", import.meta.url)));
const kinesis = connect(endpoint, transport);
// Over HTTP/2 a subscription that is merely no longer read stays open; aborting it ends it.
const leaving = new AbortController();
const StreamName = job.stream;
const send = (Command, input) => kinesis.send(new Command(input));

const bytes = (text) => new TextEncoder().encode(text);
const row = (record) => [
  record.PartitionKey,
  new TextDecoder().decode(record.Data),
  record.SequenceNumber,
];

function* calls(phase) {
  const end = (phase + 1) * job.recordsPerPhase;
  for (let n = phase * job.recordsPerPhase; n < end; n += job.recordsPerCall) {
    const numbers = Array.from({ length: Math.min(job.recordsPerCall, end - n) }, (_, i) => n + i);
    yield numbers.map((number) => {
      const key = job.keys[number % job.keys.length];
      return { key, text: `${key}:${number}` };
    });
  }
}

async function produce(phase) {
  const acknowledged = [];
  for (const call of calls(phase)) {
    const Records = call.map(({ key, text }) => ({ PartitionKey: key, Data: bytes(text) }));
    const answer = await send(PutRecordsCommand, { StreamName, Records });
    if (answer.FailedRecordCount) throw new Error(JSON.stringify(answer));
    call.forEach(({ key, text }, i) => {
      acknowledged.push([key, text, answer.Records[i].SequenceNumber]);
    });
  }
  return acknowledged;
}

const listShards = async () => (await send(ListShardsCommand, { StreamName })).Shards;

function middle({ HashKeyRange: { StartingHashKey, EndingHashKey } }) {
  return String((BigInt(StartingHashKey) + BigInt(EndingHashKey)) / 2n + 1n);
}

async function read(shard) {
  const start = { StreamName, ShardId: shard.ShardId, ShardIteratorType: "TRIM_HORIZON" };
  let ShardIterator = (await send(GetShardIteratorCommand, start)).ShardIterator;
  const records = [];
  let answer;
  do {
    answer = await send(GetRecordsCommand, { ShardIterator });
    records.push(...answer.Records.map(row));
    ShardIterator = answer.NextShardIterator;
  } while (ShardIterator && (answer.Records.length || answer.MillisBehindLatest));
  return {
    id: shard.ShardId,
    parents: [shard.ParentShardId, shard.AdjacentParentShardId].filter(Boolean),
    children: (answer.ChildShards ?? []).map((child) => child.ShardId),
    records,
  };
}

async function subscribe(ConsumerARN, ShardId, Type) {
  const command = { ConsumerARN, ShardId, StartingPosition: { Type } };
  const options = { abortSignal: leaving.signal };
  const answer = await kinesis.send(new SubscribeToShardCommand(command), options);
  return answer.EventStream;
}

// Up to `enough` records; the stream of a closed shard ends by itself.
async function take(events, enough) {
  const records = [];
  for await (const { SubscribeToShardEvent: event } of events) {
    records.push(...event.Records.map(row));
    if (records.length >= enough) break;
  }
  return records;
}

async function live(ConsumerARN, shard) {
  const events = await subscribe(ConsumerARN, shard.id, "LATEST");
  const described = (await listShards()).find(({ ShardId }) => ShardId === shard.id);
  const ExplicitHashKey = described.HashKeyRange.StartingHashKey;
  const taken = take(events, job.live.length);
  for (const text of job.live) {
    const record = { PartitionKey: "live", ExplicitHashKey, Data: bytes(text) };
    await send(PutRecordCommand, { StreamName, ...record });
  }
  return (await taken).map(([, text]) => text);
}

await send(CreateStreamCommand, { StreamName, ShardCount: job.shards });
const acknowledged = await produce(0);
const [first, neighbour] = await listShards();
await send(SplitShardCommand, {
  StreamName,
  ShardToSplit: first.ShardId,
  NewStartingHashKey: middle(first),
});
acknowledged.push(...(await produce(1)));
const upper = (await listShards()).at(-1);
await send(MergeShardsCommand, {
  StreamName,
  ShardToMerge: upper.ShardId,
  AdjacentShardToMerge: neighbour.ShardId,
});
acknowledged.push(...(await produce(2)));

const shards = [];
for (const shard of await listShards()) shards.push(await read(shard));

const summary = await send(DescribeStreamSummaryCommand, { StreamName });
const { StreamARN } = summary.StreamDescriptionSummary;
const { Consumer } = await send(RegisterStreamConsumerCommand, {
  StreamARN,
  ConsumerName: job.consumer,
});
const pushed = {};
for (const shard of shards.slice(0, -1)) {
  const enough = shard.children.length ? Infinity : shard.records.length;
  const events = await subscribe(Consumer.ConsumerARN, shard.id, "TRIM_HORIZON");
  pushed[shard.id] = await take(events, enough);
}
const report = {
  protocol: protocolOf(kinesis),
  acknowledged,
  shards,
  pushed,
  live: await live(Consumer.ConsumerARN, shards.at(-1)),
};
leaving.abort();
kinesis.destroy();
console.log(JSON.stringify(report));
