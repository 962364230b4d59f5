// A client of the endpoint, over the SDK's default transport (HTTP/2) or over HTTP/1.1.
import { KinesisClient } from "@aws-sdk/client-kinesis";
import { NodeHttpHandler } from "@smithy/node-http-handler";

export function connect(endpoint, transport) {
  const options = {
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "AKIAIOSFODNN7EXAMPLE", secretAccessKey: "example-secret-key" },
  };
  if (transport === "http/1.1") options.requestHandler = new NodeHttpHandler();
  return new KinesisClient(options);
}

export const protocolOf = (client) => client.config.requestHandler.metadata.handlerProtocol;
