// Calls a unary method of the agent's CRI socket: node cri-call.cjs PATH REQUEST_IN_BASE64. Prints nothing; ends with 1 and gRPC's message on an
// error. A client of its own, as the machine has no other.
const http2 = require("node:http2");
const net = require("node:net");

const [path, request] = process.argv.slice(2);
const session = http2.connect("http://localhost", { createConnection: () => net.connect("/run/nodelet/cri.sock") });
const call = session.request({ ":method": "POST", ":path": path, "content-type": "application/grpc", te: "trailers" });
let status;
const look = (headers) =>
  (status = headers["grpc-status"] === undefined ? status : [headers["grpc-status"], headers["grpc-message"]]);
call.on("response", look);
call.on("trailers", look);
call.on("data", () => undefined);
call.on("end", () => {
  session.close();
  if (status?.[0] === "0") return;
  console.error(decodeURIComponent(status?.[1] ?? "no status"));
  process.exitCode = 1;
});
const body = Buffer.from(request, "base64");
const head = Buffer.alloc(5);
head.writeUInt32BE(body.length, 1);
call.end(Buffer.concat([head, body]));
setTimeout(() => process.exit(2), 60_000).unref();
