// A registry that only answers pulls, on 127.0.0.1:5000: node registry.cjs DIRECTORY. DIRECTORY holds manifest-NAME for the image
// cut/NAME, and blobs by their digests. Blobs come slowly, so that there is time for things to go wrong. The machine has no other.
const { createServer } = require("node:http");
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

const [directory] = process.argv.slice(2);
const PIECE_BYTES = 128 * 1024;
const PAUSE_MS = 50;

function read(name) {
  try {
    return readFileSync(join(directory, name));
  } catch {
    return undefined;
  }
}

const server = createServer((request, response) => {
  const [, manifest] = /^\/v2\/cut\/(\d+)\/manifests\//.exec(request.url) ?? [];
  const [, blob] = /^\/v2\/cut\/\d+\/blobs\/(sha256:[0-9a-f]{64})$/.exec(request.url) ?? [];
  const body = request.url === "/v2/" ? Buffer.from("{}") : read(blob ?? `manifest-${manifest}`);
  if (body === undefined) return response.writeHead(404).end();
  const type = manifest === undefined ? "application/octet-stream" : "application/vnd.oci.image.manifest.v1+json";
  response.writeHead(200, { "content-type": type, "content-length": body.length });
  if (request.method === "HEAD") return response.end();
  let sent = 0;
  const send = () => {
    response.write(body.subarray(sent, (sent += PIECE_BYTES)));
    if (sent >= body.length) response.end();
    else if (!response.destroyed) setTimeout(send, PAUSE_MS);
  };
  send();
});
server.on("error", () => process.exit(1));
server.listen(5000, "127.0.0.1");
