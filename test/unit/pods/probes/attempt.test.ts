// Attempts against real servers on the loopback.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import { createServer as createHttp2Server, type ServerHttp2Stream } from "node:http2";
import { createServer as createHttpsServer } from "node:https";
import { createServer as createTcpServer, type AddressInfo, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { V1Container, V1Probe } from "@kubernetes/client-node";
import { test, type Test } from "tap";

import type { Cri } from "../../../../agent/cri/runtime.ts";
import { NodeletError } from "../../../../agent/base/errors.ts";
import { attemptProbe, type Attempt } from "../../../../agent/pods/probes/attempt.ts";
import { decodeAnswer, encodeRequest } from "../../../../agent/pods/probes/grpc-health.ts";

const container: V1Container = { name: "main", ports: [{ name: "web", containerPort: 1 }] };

function attempt(probe: V1Probe, change: { cri?: Cri; container?: V1Container } = {}): Promise<Attempt> {
  return attemptProbe(probe, {
    cri: {} as Cri,
    containerId: "c1",
    container,
    podIp: "127.0.0.1",
    signal: AbortSignal.timeout(60_000),
    ...change,
  });
}

async function listen(t: Test, server: Server): Promise<number> {
  const sockets = new Set<{ destroy: () => void }>();
  server.on("connection", (socket) => {
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.teardown(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const serve = (t: Test, listener: RequestListener): Promise<number> => listen(t, createServer(listener));

/** A port on which nothing listens. */
async function freePort(): Promise<number> {
  const server = createTcpServer();
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

test("httpGet", async (t) => {
  const requests: IncomingMessage[] = [];
  const port = await serve(t, (request, response) => {
    requests.push(request);
    const status = /^\/(\d+)/.exec(request.url ?? "")?.[1];
    if (request.url === "/away") response.setHeader("location", "http://other.example/");
    if (request.url === "/on") response.setHeader("location", "/200");
    if (request.url === "/round") response.setHeader("location", "/round");
    if (request.url === "/never") return;
    response.statusCode = Number(status ?? (request.url === "/" ? 200 : 302));
    response.end("x".repeat(50_000));
  });
  const get = (path: string, more: object = {}): Promise<Attempt> =>
    attempt({ timeoutSeconds: 20, httpGet: { port, path, ...more } });

  t.equal((await get("/200?a=b")).outcome, "success");
  t.equal(requests.at(-1)?.url, "/200?a=b");
  t.match(requests.at(-1)?.headers, { "user-agent": /^kube-probe\//, accept: "*/*", connection: "close" });
  t.equal((await get("/399")).outcome, "success");
  t.strictSame(await get("/500"), { outcome: "failure", output: "HTTP probe failed with statuscode: 500" });
  t.strictSame(await get("/404"), { outcome: "failure", output: "HTTP probe failed with statuscode: 404" });
  t.equal((await get("/on")).outcome, "success", "a redirect is followed");
  t.match(await get("/away"), { outcome: "warning", output: /^Probe terminated redirects, Response body: x/ });
  t.match(await get("/round"), { outcome: "failure", output: /stopped after 10 redirects/ });

  const httpHeaders = [
    { name: "Host", value: "shop.example" },
    { name: "X-A", value: "1" },
    { name: "X-A", value: "2" },
    { name: "User-Agent", value: "me" },
    { name: "Accept", value: "" },
  ];
  t.strictSame((await get("200", { httpHeaders })).output.slice(0, 100), "x".repeat(100));
  t.equal(requests.at(-1)?.url, "/200", "a path without its slash");
  t.match(requests.at(-1)?.headers, { host: "shop.example", "x-a": "1, 2", "user-agent": "me", accept: undefined });

  const late = await attempt({ timeoutSeconds: 1, httpGet: { port, path: "/never" } });
  t.match(late, { outcome: "failure", output: /^Get "http:\/\/127\.0\.0\.1:\d+\/never": context deadline exceeded/ });
  const refused = await freePort();
  t.strictSame(await attempt({ timeoutSeconds: 20, httpGet: { port: refused, path: "/" } }), {
    outcome: "failure",
    output: `Get "http://127.0.0.1:${refused}/": dial tcp 127.0.0.1:${refused}: connect: connection refused`,
  });

  const named = { name: "main", ports: [{ name: "web", containerPort: port }] };
  t.equal((await attempt({ httpGet: { port: "web" }, timeoutSeconds: 20 }, { container: named })).outcome, "success");
  t.match(await attempt({ httpGet: { port: "other" } }), { outcome: "unknown", output: /no port named "other"/ });
  t.equal((await attempt({ timeoutSeconds: 20, httpGet: { port, host: "localhost", path: "/" } })).outcome, "success");
});

test("httpGet over TLS, whoever signed it", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-tls-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const [key, cert] = ["key.pem", "cert.pem"].map((name) => join(directory, name)) as [string, string];
  const subject = ["-subj", "/CN=nobody", "-days", "2"];
  execFileSync("openssl", ["req", "-x509", "-newkey", "ed25519", "-nodes", "-keyout", key, "-out", cert, ...subject], {
    stdio: "ignore",
  });
  const server = createHttpsServer({ key: readFileSync(key), cert: readFileSync(cert) }, (request, response) =>
    response.writeHead(request.url === "/ok" ? 200 : 503).end(),
  );
  const port = await listen(t, server);
  const get = (path: string, scheme: string): Promise<Attempt> =>
    attempt({ timeoutSeconds: 20, httpGet: { port, path, scheme } });
  t.equal((await get("/ok", "HTTPS")).outcome, "success");
  t.match(await get("/bad", "HTTPS"), { outcome: "failure", output: /statuscode: 503/ });
  t.equal((await get("/ok", "HTTP")).outcome, "failure");
});

test("tcpSocket", async (t) => {
  const port = await listen(
    t,
    createTcpServer((socket) => socket.on("error", () => undefined)),
  );
  t.strictSame(await attempt({ timeoutSeconds: 20, tcpSocket: { port } }), { outcome: "success", output: "" });
  const refused = await freePort();
  t.strictSame(await attempt({ timeoutSeconds: 20, tcpSocket: { port: refused } }), {
    outcome: "failure",
    output: `dial tcp 127.0.0.1:${refused}: connect: connection refused`,
  });
});

test("grpc", async (t) => {
  const bodies: Buffer[] = [];
  const server = createHttp2Server();
  server.on("stream", (stream: ServerHttp2Stream, headers) => {
    const chunks: Buffer[] = [];
    stream.on("error", () => undefined);
    stream.on("data", (chunk: Buffer) => chunks.push(chunk));
    stream.on("end", () => {
      const body = Buffer.concat(chunks);
      bodies.push(body);
      const service = body.subarray(7).toString();
      if (headers[":path"] !== "/grpc.health.v1.Health/Check" || service === "silent") return;
      if (service === "none") {
        stream.respond({ "content-type": "application/grpc", "grpc-status": "12" }, { endStream: true });
        return;
      }
      const failing = service === "unknown";
      stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
      stream.on("wantTrailers", () =>
        stream.sendTrailers(
          failing ? { "grpc-status": "5", "grpc-message": "unknown%20service" } : { "grpc-status": "0" },
        ),
      );
      if (failing) stream.end();
      else stream.end(Buffer.from([0, 0, 0, 0, 2, 8, service === "down" ? 2 : 1]));
    });
  });
  const port = await listen(t, server);
  const check = (service: string, timeoutSeconds = 20): Promise<Attempt> =>
    attempt({ timeoutSeconds, grpc: { port, service } });
  t.strictSame(await check(""), { outcome: "success", output: "service healthy" });
  t.same(bodies[0], Buffer.from([0, 0, 0, 0, 0]));
  t.equal((await check("up")).outcome, "success");
  t.same(bodies[1], Buffer.from([0, 0, 0, 0, 4, 0x0a, 2, 0x75, 0x70]));
  t.strictSame(await check("down"), { outcome: "failure", output: 'service unhealthy (responded with "NOT_SERVING")' });
  t.match(await check("unknown"), { outcome: "failure", output: "error: health rpc probe failed: unknown service" });
  t.match(await check("none"), { outcome: "failure", output: /does not implement the grpc health protocol/ });
  t.match(await check("silent", 1), { outcome: "failure", output: /^timeout: health rpc did not complete within 1s/ });
  const refused = await freePort();
  t.match(await attempt({ timeoutSeconds: 20, grpc: { port: refused, service: "" } }), {
    outcome: "failure",
    output: /ECONNREFUSED/,
  });
});

test("a long name of a service has a length of two bytes", async (t) => {
  const frame = encodeRequest("s".repeat(300));
  t.equal(frame.readUInt32BE(1), 303);
  t.same(frame.subarray(5, 8), Buffer.from([0x0a, 0xac, 0x02]));
  t.equal(decodeAnswer(Buffer.alloc(0)), "UNKNOWN");
  t.equal(decodeAnswer(Buffer.from([0, 0, 0, 0, 2, 8, 3])), "SERVICE_UNKNOWN");
});

test("exec", async (t) => {
  const answering = (answer: () => Promise<object>): { cri: Cri } => ({ cri: { execSync: answer } as unknown as Cri });
  const probe = { timeoutSeconds: 2, exec: { command: ["check", "it"] } };
  t.match(
    await attempt(
      probe,
      answering(async () => ({ exitCode: 0 })),
    ),
    { outcome: "success" },
  );
  t.strictSame(
    await attempt(
      probe,
      answering(async () => ({ exitCode: 3, stdout: Buffer.from("no\n") })),
    ),
    {
      outcome: "failure",
      output: "no\n",
    },
  );
  const late = answering(() => Promise.reject(new NodeletError("timeout", "late")));
  t.strictSame(await attempt(probe, late), {
    outcome: "failure",
    output: 'command timed out: "check it" timed out after 2s',
  });
  const broken = answering(() => Promise.reject(new NodeletError("unavailable", "no shim")));
  t.strictSame(await attempt(probe, broken), { outcome: "unknown", output: "no shim" });
});

test("an attempt ends with its signal", async (t) => {
  const port = await serve(t, () => undefined);
  const controller = new AbortController();
  const probing = attemptProbe(
    { timeoutSeconds: 3600, httpGet: { port } },
    { cri: {} as Cri, containerId: "c", container, podIp: "127.0.0.1", signal: controller.signal },
  );
  controller.abort(new Error("the container ended"));
  await t.rejects(probing, { message: "the container ended" });
});
