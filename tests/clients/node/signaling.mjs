// A call set up by AWS's signaling SDK: node signaling.mjs ENDPOINT CHANNEL (over TLS)
// Master and viewer find the channel, sign their WebSockets, offer, answer, trade candidates.
import signaling from "amazon-kinesis-video-streams-webrtc";
import {
  DescribeSignalingChannelCommand,
  GetSignalingChannelEndpointCommand,
  KinesisVideoClient,
} from "@aws-sdk/client-kinesis-video";
import { WebSocket } from "ws";

const { Role, SignalingClient } = signaling;
const [endpoint, ChannelName] = process.argv.slice(2);
const region = "us-east-1";
const credentials = {
  accessKeyId: process.env.AWS_ACCESS_KEY_ID,
  secretAccessKey: process.env.AWS_SECRET_ACCESS_KEY,
};
globalThis.WebSocket = WebSocket; // Node.js 20 has none of its own; the SDK asks for it
const video = new KinesisVideoClient({ endpoint, region, credentials });
const { ChannelInfo } = await video.send(new DescribeSignalingChannelCommand({ ChannelName }));
const channelARN = ChannelInfo.ChannelARN;

async function peer(role, clientId) {
  const found = await video.send(
    new GetSignalingChannelEndpointCommand({
      ChannelARN: channelARN,
      SingleMasterChannelEndpointConfiguration: { Protocols: ["WSS", "HTTPS"], Role: role },
    }),
  );
  const wss = found.ResourceEndpointList.find((row) => row.Protocol === "WSS");
  return new SignalingClient({
    channelARN,
    channelEndpoint: wss.ResourceEndpoint,
    role,
    clientId,
    region,
    credentials,
  });
}

function next(client, event) {
  return new Promise((resolve, reject) => {
    client.once("error", reject);
    client.once(event, (...found) => resolve(found));
  });
}

const viewer = await peer(Role.VIEWER, "ana");
viewer.open();
await next(viewer, "open");
viewer.sendSdpOffer({ type: "offer", sdp: "v=0 offer" }); // before there is a master

const master = await peer(Role.MASTER);
const offered = next(master, "sdpOffer");
master.open();
const [offer, sender] = await offered;
const answered = next(viewer, "sdpAnswer");
const candidate = next(viewer, "iceCandidate");
master.sendSdpAnswer({ type: "answer", sdp: "v=0 answer" }, sender);
master.sendIceCandidate({ candidate: "candidate:1", sdpMid: "0" }, sender);
const [answer] = await answered;
const [ice] = await candidate;
const back = next(master, "iceCandidate");
viewer.sendIceCandidate({ candidate: "candidate:2", sdpMid: "0" });
const [other, from] = await back;

const told = next(master, "statusResponse");
master.sendSdpOffer({ type: "offer", sdp: "v=0" }, "not a client", "id-1");
const [status] = await told;
const closed = next(viewer, "close");
const twin = await peer(Role.VIEWER, "ana");
twin.open();
await next(twin, "open");
await closed; // the newest connection wins

console.log(
  JSON.stringify({
    wire: master.config.channelEndpoint.split(":")[0],
    offer: [offer.sdp, sender],
    answer: answer.sdp,
    candidates: [ice.candidate, other.candidate, from],
    status: [status.correlationId, status.errorType, status.statusCode],
  }),
);
process.exit(0);
