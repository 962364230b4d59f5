// Large bodies there and back: node bodies.mjs ENDPOINT TRANSPORT
// 500 × 8,000 bytes and 5 MiB in one PutRecords each: beyond the 65,535 bytes that HTTP/2 lets a
// client send before the server says that it has room. What comes back is compared here.
import { createHash } from "node:crypto";
import {
  CreateStreamCommand,
  GetRecordsCommand,
  GetShardIteratorCommand,
  PutRecordsCommand,
} from "@aws-sdk/client-kinesis";
import { connect, protocolOf } from "./client.mjs";

const [endpoint, transport] = process.argv.slice(2);
const kinesis = connect(endpoint, transport);
const send = (Command, input) => kinesis.send(new Command(input));
const hash = (data) => createHash("sha256").update(data).digest("hex");

function record(number, size) {
  const data = Buffer.alloc(size, createHash("sha256").update(String(number)).digest());
  return { PartitionKey: `key-${number}`, Data: data };
}

async function thereAndBack(StreamName, count, size) {
  const Records = Array.from({ length: count }, (_, number) => record(number, size));
  await send(CreateStreamCommand, { StreamName, ShardCount: 1 });
  const put = await send(PutRecordsCommand, { StreamName, Records });
  const { ShardIterator } = await send(GetShardIteratorCommand, {
    StreamName,
    ShardId: put.Records[0].ShardId,
    ShardIteratorType: "TRIM_HORIZON",
  });
  const got = await send(GetRecordsCommand, { ShardIterator });
  const same = got.Records.filter(({ Data }, i) => hash(Data) === hash(Records[i].Data));
  return { failed: put.FailedRecordCount, put: count, same: same.length };
}

const report = {
  protocol: protocolOf(kinesis),
  many: await thereAndBack("many", 500, 8_000),
  large: await thereAndBack("large", 5, 1_048_576 - "key-0".length),
};
kinesis.destroy();
console.log(JSON.stringify(report));
