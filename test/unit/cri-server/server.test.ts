import { once } from "node:events";
import { mkdtempSync, rmSync, statSync } from "node:fs";
import http2 from "node:http2";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t, { type Test } from "tap";

import { NodeletError, type ErrorCode } from "../../../agent/base/errors.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { createCriServer } from "../../../agent/cri-server/server.ts";
import type { CallOptions, ContainerEventResponse, Cri, ListContainersResponse } from "../../../agent/cri/runtime.ts";
import { FakeSystem } from "../../../agent/system/fake.ts";
import { connectCri, type CriClient } from "../../fixtures/cri-client.ts";

interface Served {
  readonly client: CriClient;
  readonly socket: string;
  readonly close: () => Promise<void>;
}

/** Every method that a test does not give fails as one that is not there. */
async function serve(t: Test, methods: Partial<Cri>, uid = process.getuid?.() ?? 0): Promise<Served> {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-cri-"));
  const fake = new FakeSystem();
  fake.answer("peerCredentials", () => ({ pid: process.pid, uid, gid: 0 }));
  const cri = new Proxy(methods as Cri, {
    get: (target, name: keyof Cri) =>
      target[name] ?? (() => Promise.reject(new NodeletError("unsupported", `${name} is not there`))),
  });
  const server = createCriServer({ cri, system: fake.system, log: silentLogger });
  const socket = join(directory, "cri.sock");
  await server.listen(socket);
  const client = connectCri(socket, { timeoutMs: 60_000 });
  t.teardown(async () => {
    client[Symbol.dispose]();
    await server.close();
    rmSync(directory, { recursive: true, force: true });
  });
  return { client, socket, close: () => server.close() };
}

t.test("a call and its answer", async (t) => {
  const asked: unknown[] = [];
  const { client, socket } = await serve(t, {
    async containerStatus(request) {
      asked.push({ ...request });
      return { status: { id: "c", createdAt: 1_795_249_471_975_123_457n } };
    },
  });
  t.equal(statSync(socket).mode & 0o777, 0o600);
  const { status } = await client.containerStatus({ containerId: "c", verbose: true });
  t.same(asked, [{ containerId: "c", verbose: true }]);
  t.equal(status?.createdAt, 1_795_249_471_975_123_457n);
});

t.test("calls that come with the connection, before gRPC is loaded, are answered", async (t) => {
  const { socket } = await serve(t, { version: async () => ({ runtimeName: "nodelet" }) });
  const clients = Array.from({ length: 20 }, () => connectCri(socket));
  t.teardown(() => clients.forEach((client) => client[Symbol.dispose]()));
  const answers = await Promise.all(clients.map((client) => client.version({})));
  t.ok(answers.every(({ runtimeName }) => runtimeName === "nodelet"));
});

t.test("errors have the codes that clients act on", async (t) => {
  let failure: Error = new Error("unforeseen");
  const { client } = await serve(t, { stopContainer: () => Promise.reject(failure) });
  const expected: Record<ErrorCode, number> = {
    cancelled: 1,
    invalid: 3,
    timeout: 4,
    "not-found": 5,
    exists: 6,
    denied: 7,
    exhausted: 8,
    conflict: 9,
    unsupported: 12,
    internal: 13,
    unavailable: 14,
  };
  for (const [code, number] of Object.entries(expected)) {
    failure = new NodeletError(code as ErrorCode, "it failed", { fix: "look" });
    await t.rejects(client.stopContainer({}), { code: number, details: "it failed (look)" }, code);
  }
  failure = new Error("unforeseen");
  await t.rejects(client.stopContainer({}), { code: 13 });
  failure = new NodeletError("invalid", `é\n${"x".repeat(100_000)}`);
  await t.rejects(client.stopContainer({}), { code: 3, details: /^é\nxxx.*\.\.\.$/s }, "a long message is shortened");
});

t.test("another user is refused", async (t) => {
  const { client } = await serve(t, { version: async () => ({}) }, 12_345);
  await t.rejects(client.version({}), { code: 14 });
});

t.test("the authority that a client makes of the path is taken", async (t) => {
  const { socket } = await serve(t, { version: async () => ({ runtimeName: "nodelet" }) });
  for (const authority of ["localhost", "%2Frun%2Fcri.sock"]) {
    const session = http2.connect("http://localhost", { createConnection: () => connect(socket) });
    const stream = session.request({
      ":method": "POST",
      ":path": "/runtime.v1.RuntimeService/Version",
      ":authority": authority,
      "content-type": "application/grpc",
      te: "trailers",
    });
    stream.end(Buffer.alloc(5));
    const status = await new Promise((resolve, reject) => {
      stream.on("trailers", (trailers) => resolve(trailers["grpc-status"]));
      stream.on("error", reject);
      stream.resume();
    });
    t.equal(Number(status), 0, authority);
    session.destroy();
  }
});

t.test("connections are limited, to 512", async (t) => {
  const { client, socket } = await serve(t, { version: async () => ({ runtimeName: "nodelet" }) });
  const held: Socket[] = [];
  t.teardown(() => held.forEach((connection) => connection.destroy()));
  for (let count = 0; count < 512; count++) {
    const connection = connect(socket);
    held.push(connection);
    await once(connection, "connect");
  }
  const more = connect(socket);
  more.resume();
  await once(more, "close");
  t.pass("one more is closed");
  held.pop()?.destroy();
  for (;;) {
    const answer = await client.version({}).catch(() => undefined);
    if (answer?.runtimeName === "nodelet") break;
  }
  t.pass("when one leaves, another is served");
});

t.test("messages are limited, to 16 MiB", async (t) => {
  let calls = 0;
  const { client } = await serve(t, {
    async createContainer() {
      calls++;
      return { containerId: "c" };
    },
    listContainers: async (): Promise<ListContainersResponse> => ({
      containers: [{ id: "x".repeat(17 * 1024 * 1024) }],
    }),
  });
  const logPath = "x".repeat(15 * 1024 * 1024);
  t.match(await client.createContainer({ config: { logPath } }), { containerId: "c" });
  await t.rejects(client.createContainer({ config: { logPath: logPath + logPath } }), { code: 8 });
  t.equal(calls, 1);
  await t.rejects(client.listContainers({}), { code: 8 });
});

t.test("what makes something goes on without its caller, what waits ends with it", async (t) => {
  const signals = new Map<string, AbortSignal>();
  const ended = Promise.withResolvers<void>();
  const begun = new Map([
    ["runPodSandbox", Promise.withResolvers<void>()],
    ["execSync", Promise.withResolvers<void>()],
  ]);
  const wait =
    (name: string) =>
    async (_request: object, options?: CallOptions): Promise<object> => {
      const signal = options?.signal ?? AbortSignal.abort();
      signals.set(name, signal);
      if (name === "execSync") signal.addEventListener("abort", () => ended.resolve());
      begun.get(name)?.resolve();
      await new Promise<never>(() => {});
      return {};
    };
  const { client } = await serve(t, { runPodSandbox: wait("runPodSandbox"), execSync: wait("execSync") });
  const leaving = new AbortController();
  const calls = [
    t.rejects(client.runPodSandbox({}, { signal: leaving.signal }), { code: 1 }),
    t.rejects(client.execSync({}, { signal: leaving.signal }), { code: 1 }),
  ];
  await Promise.all([...begun.values()].map(({ promise }) => promise));
  leaving.abort();
  await Promise.all(calls);
  await ended.promise;
  t.equal(signals.get("runPodSandbox")?.aborted, false);
  t.equal(signals.get("execSync")?.aborted, true);
});

t.test("a stream delivers every item, ends with its reader, and fails with a status", async (t) => {
  let left = false;
  const { client } = await serve(t, {
    async *streamContainers() {
      for (let index = 0; index < 5_000; index++)
        yield { containers: [{ id: `c${index}`, labels: { pad: "x".repeat(500) } }] };
    },
    async *streamImages() {
      yield { images: [{ id: "one" }] };
      throw new NodeletError("unavailable", "gone");
    },
    async *getContainerEvents(_request, options): AsyncGenerator<ContainerEventResponse, void> {
      yield { containerId: "c" };
      await new Promise<void>((resolve) => options?.signal?.addEventListener("abort", () => resolve()));
      left = true;
    },
  });
  const ids: string[] = [];
  for await (const { containers } of client.streamContainers({})) {
    if (ids.length % 1_000 === 0) await new Promise((resolve) => setTimeout(resolve, 20)); // a slow reader
    ids.push(containers?.[0]?.id ?? "");
  }
  t.same(
    ids,
    Array.from({ length: 5_000 }, (_, index) => `c${index}`),
  );

  const images: unknown[] = [];
  await t.rejects(
    async () => {
      for await (const { images: [image] = [] } of client.streamImages({})) images.push(image?.id);
    },
    { code: 14, details: "gone" },
  );
  t.same(images, ["one"]);

  const leaving = new AbortController();
  for await (const event of client.getContainerEvents({}, { signal: leaving.signal })) {
    t.equal(event.containerId, "c");
    leaving.abort();
  }
  while (!left) await new Promise((resolve) => setTimeout(resolve, 5));
});

t.test("closing ends streams with a status and removes the socket", async (t) => {
  const begun = Promise.withResolvers<void>();
  const { client, close, socket } = await serve(t, {
    async *getContainerEvents(_request, options): AsyncGenerator<ContainerEventResponse, void> {
      yield {};
      begun.resolve();
      await new Promise<void>((resolve) => options?.signal?.addEventListener("abort", () => resolve()));
    },
  });
  const reading = t.rejects(
    async () => {
      for await (const _event of client.getContainerEvents({}));
    },
    { code: 14 },
  );
  await begun.promise;
  await close();
  await reading;
  t.throws(() => statSync(socket), { code: "ENOENT" });
});

t.test("a method that the contract lacks, and bytes that are no message", async (t) => {
  const { socket } = await serve(t, { stopPodSandbox: async () => ({}) });
  const call = async (path: string, bytes: Buffer): Promise<number> => {
    const session = http2.connect("http://localhost", { createConnection: () => connect(socket) });
    const stream = session.request({
      ":method": "POST",
      ":path": path,
      "content-type": "application/grpc",
      te: "trailers",
    });
    const frame = Buffer.alloc(5);
    frame.writeUInt32BE(bytes.length, 1);
    stream.end(Buffer.concat([frame, bytes]));
    const status = await new Promise<unknown>((resolve, reject) => {
      stream.on("response", (headers) => {
        if (headers["grpc-status"] !== undefined) resolve(headers["grpc-status"]);
      });
      stream.on("trailers", (trailers) => resolve(trailers["grpc-status"]));
      stream.on("error", reject);
      stream.resume();
    });
    session.destroy();
    return Number(status);
  };
  t.equal(await call("/runtime.v1.RuntimeService/Nothing", Buffer.alloc(0)), 12);
  t.equal(await call("/runtime.v1.RuntimeService/StopPodSandbox", Buffer.from([0x0a, 0x7f])), 13);
  t.equal(await call("/runtime.v1.RuntimeService/StopPodSandbox", Buffer.alloc(0)), 0);
});
