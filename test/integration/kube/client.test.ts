// The client against a server that misbehaves: over HTTP/2 and HTTP/1.1.

import { chmod, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createServer as createHttpServer } from "node:http";
import { connect as connectTcp, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { execFileSync } from "node:child_process";
import t from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import type { KubeClient } from "../../../agent/kube/client.ts";
import { connect } from "../../../agent/kube/connect.ts";
import { joinApiServer } from "../../../agent/kube/join.ts";
import { parseKubeconfig } from "../../../agent/kube/kubeconfig.ts";
import { certificateRequest } from "../../../agent/kube/certificates/request.ts";
import { newKey } from "../../../agent/kube/certificates/manager.ts";
import { follow, type FollowHandlers } from "../../../agent/kube/list-watch.ts";
import { CONFIG_MAPS, type KubeObject } from "../../../agent/kube/resources.ts";
import { TestAuthority } from "../../fixtures/certificates.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { type ApiScript, event, ScriptedApiServer, status } from "../../fixtures/scripted-api-server.ts";

const directory = await mkdtemp(join(tmpdir(), "nodelet-kube-client-"));
t.teardown(() => rm(directory, { recursive: true, force: true }));
const authority = new TestAuthority(join(directory, "pki"), "test");
const serving = authority.issue("server", { subject: "/CN=server", names: ["IP:127.0.0.1", "DNS:api.example"] });
const stranger = new TestAuthority(join(directory, "stranger"), "stranger");
const ca = (await readFile(authority.certificate)).toString("base64");
const clock = systemClock;
const log = silentLogger;
const backoff = { baseMs: 10, maxMs: 50, jitter: 1, resetMs: 120_000 };

function kubeconfigOf(
  server: string,
  user: object = {},
  cluster: object = { "certificate-authority-data": ca },
): object {
  return {
    clusters: [{ name: "c", cluster: { server, ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u" } }],
    "current-context": "x",
  };
}

async function clientOf(
  server: string,
  user: object = {},
  cluster: object = { "certificate-authority-data": ca },
): Promise<KubeClient & Disposable> {
  const config = kubeconfigOf(server, user, cluster);
  const kubeconfig = await parseKubeconfig(JSON.stringify(config), join(directory, "kubeconfig"));
  const client = connect(kubeconfig, { clock, userAgent: "nodelet-test" });
  return Object.assign(client, { [Symbol.dispose]: () => client.close() });
}

function configMap(name: string, resourceVersion: string): object {
  return { kind: "ConfigMap", apiVersion: "v1", metadata: { name, namespace: "n", resourceVersion } };
}

function list(resourceVersion: string, items: object[], next?: string): object {
  return { kind: "ConfigMapList", apiVersion: "v1", metadata: { resourceVersion, continue: next }, items };
}

/** Keeps what is followed, by name: its version. */
class Seen implements FollowHandlers<KubeObject> {
  readonly objects = new Map<string, string>();
  lists = 0;

  replace(objects: readonly KubeObject[]): void {
    this.lists++;
    this.objects.clear();
    for (const object of objects) this.put(object);
  }

  put(object: KubeObject): void {
    this.objects.set(object.metadata?.name ?? "", object.metadata?.resourceVersion ?? "");
  }

  remove(object: KubeObject): void {
    this.objects.delete(object.metadata?.name ?? "");
  }
}

for (const http2 of [true, false]) {
  const protocol = http2 ? "HTTP/2" : "HTTP/1.1";

  t.test(`${protocol}: requests are what the API wants`, async (t) => {
    await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate, http2 });
    using client = await clientOf(server.address, { token: "secret" });
    server.script = (_request, response) => response.json(200, configMap("a", "1"));
    const namespace = "n";
    await client.create(CONFIG_MAPS, { metadata: { name: "a", namespace } });
    await client.patch(CONFIG_MAPS, "a", { type: "strategic", body: { data: {} } }, { namespace });
    await client.patch(
      CONFIG_MAPS,
      "a",
      { type: "apply", body: {}, fieldManager: "m", force: true },
      { namespace, subresource: "status" },
    );
    await client.delete(CONFIG_MAPS, "a", { namespace, gracePeriodSeconds: 0, preconditions: { uid: "u" } });
    await client.list(CONFIG_MAPS, { fieldSelector: "metadata.name=a", limit: 5, resourceVersion: "0" });
    t.match(server.requests, [
      {
        method: "POST",
        path: "/api/v1/namespaces/n/configmaps",
        authorization: "Bearer secret",
        contentType: "application/json",
      },
      {
        method: "PATCH",
        path: "/api/v1/namespaces/n/configmaps/a",
        contentType: "application/strategic-merge-patch+json",
      },
      {
        method: "PATCH",
        path: "/api/v1/namespaces/n/configmaps/a/status",
        contentType: "application/apply-patch+yaml",
      },
      { method: "DELETE", path: "/api/v1/namespaces/n/configmaps/a" },
      { method: "GET", path: "/api/v1/configmaps" },
    ]);
    t.strictSame(JSON.parse(server.requests[0]?.body ?? ""), {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a", namespace },
    });
    t.match(JSON.parse(server.requests[3]?.body ?? ""), { gracePeriodSeconds: 0, preconditions: { uid: "u" } });
    t.equal(server.requests[2]?.query.toString(), "fieldManager=m&force=true");
    t.equal(server.requests[4]?.query.toString(), "fieldSelector=metadata.name%3Da&limit=5&resourceVersion=0");
  });

  t.test(`${protocol}: what the server refuses is told with its reason`, async (t) => {
    await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate, http2 });
    using client = await clientOf(server.address);
    for (const [code, reason, expected] of [
      [400, "BadRequest", "invalid"],
      [401, "Unauthorized", "denied"],
      [403, "Forbidden", "denied"],
      [404, "NotFound", "not-found"],
      [409, "AlreadyExists", "exists"],
      [409, "Conflict", "conflict"],
      [500, "InternalError", "unavailable"],
    ] as const) {
      server.script = (_request, response) => response.json(code, status(code, reason, `because of ${reason}`));
      await t.rejects(client.get(CONFIG_MAPS, "a", { namespace: "n" }), {
        code: expected,
        status: code,
        reason,
        message: `because of ${reason}`,
        where: "GET /api/v1/namespaces/n/configmaps/a",
      });
    }
    server.script = (_request, response) => response.json(200, list("1", "no list" as never));
    await t.rejects(client.list(CONFIG_MAPS), { code: "unavailable", message: /not a list/ });
    server.script = (_request, response) => {
      response.begin();
      response.write("<html>no JSON");
      response.end();
    };
    await t.rejects(client.get(CONFIG_MAPS, "a"), { code: "unavailable", message: /not JSON/, where: /^GET / });
  });

  t.test(`${protocol}: throttled calls are repeated when the server says so, others are not`, async (t) => {
    await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate, http2 });
    using client = await clientOf(server.address);
    let left = 2;
    server.script = (_request, response) => {
      if (left-- > 0) response.json(429, status(429, "TooManyRequests"), { "retry-after": "0" });
      else response.json(201, configMap("a", "1"));
    };
    await client.create(CONFIG_MAPS, { metadata: { name: "a", namespace: "n" } });
    t.equal(server.requests.length, 3);
    server.requests.length = 0;
    server.script = (_request, response) => response.drop();
    await t.rejects(client.create(CONFIG_MAPS, { metadata: { name: "a", namespace: "n" } }), { code: "unavailable" });
    t.equal(server.requests.length, 1, "what may have been done is not done again");
    server.script = () => undefined;
    await t.rejects(client.get(CONFIG_MAPS, "a", { timeoutMs: 100 }), {
      code: "timeout",
      message: /^GET .* took longer than 0.1 s$/,
    });
    const aborted = new AbortController();
    const asked = client.get(CONFIG_MAPS, "a", { signal: aborted.signal });
    aborted.abort(new Error("no longer wanted"));
    await t.rejects(asked, { message: "no longer wanted" });
  });

  t.test(`${protocol}: a dropped GET is sent again`, async (t) => {
    await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate, http2 });
    using client = await clientOf(server.address);
    let left = 1;
    server.script = (_request, response) => {
      if (left-- > 0) response.drop();
      else response.json(200, configMap("a", "1"));
    };
    t.match(await client.get(CONFIG_MAPS, "a"), { metadata: { name: "a" } });
    t.equal(server.connections, 2);
  });

  t.test(`${protocol}: what is followed stays true, whatever the server does`, async (t) => {
    await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate, http2 });
    using client = await clientOf(server.address);
    const seen = new Seen();
    const watches: string[] = [];
    // One turn of the server's: how it answers the next watch.
    const turns: ((watch: Parameters<ApiScript>[1]) => void)[] = [
      // An object in pieces, and two in one.
      (watch) => {
        const text = event("ADDED", configMap("b", "11"));
        watch.write(text.slice(0, 20));
        setTimeout(() => {
          watch.write(
            `${text.slice(20)}${event("MODIFIED", configMap("a", "12"))}${event("BOOKMARK", { metadata: { resourceVersion: "15" } })}`,
          );
          watch.end();
        }, 20);
      },
      // Broken off in the middle of an object.
      (watch) => {
        watch.write(event("DELETED", configMap("b", "16")));
        watch.write('{"type":"ADDED","obj');
        setTimeout(() => watch.drop(), 20);
      },
      // Ended in the middle of an object.
      (watch) => {
        watch.write('{"type":"ADDED","obj');
        watch.end();
      },
      // Garbage.
      (watch) => {
        watch.write("garbage\n");
        watch.end();
      },
      // Of a type that nobody knows, and then an old version.
      (watch) => {
        watch.write(event("WHATEVER", configMap("z", "17")));
        watch.write(event("ERROR", status(410, "Expired")));
        watch.end();
      },
      (watch) => watch.write(event("ADDED", configMap("e", "40"))),
    ];
    let lists = 0;
    let throttled = 1;
    server.script = (request, response) => {
      if (request.query.get("watch") === "true") {
        watches.push(request.query.get("resourceVersion") ?? "");
        const turn = turns.shift();
        if (turn === undefined) return response.json(500, status(500, "InternalError"));
        response.begin();
        return turn(response);
      }
      if (throttled-- > 0) return response.json(429, status(429, "TooManyRequests"), { "retry-after": "0" });
      lists++;
      if (lists === 1) return response.json(200, list("10", [configMap("a", "5")]));
      // Two pages; the one continued is gone at first.
      const next = request.query.get("continue");
      if (lists === 3) return response.json(410, status(410, "Expired"));
      if (next === "page2") return response.json(200, list("30", [configMap("d", "21")]));
      return response.json(200, list("30", [configMap("c", "20")], "page2"));
    };
    await using following = follow({ client, resource: CONFIG_MAPS, handlers: seen, clock, log, backoff });
    await following.synced;
    await eventually("the last event", () => seen.objects.has("e"));
    t.strictSame(Object.fromEntries(seen.objects), { c: "20", d: "21", e: "40" });
    t.strictSame(watches.slice(0, 3), ["10", "15", "16"], "each begins where the one before ended");
    t.equal(watches.at(-1), "30");
    t.equal(turns.length, 0);
  });

  t.test(`${protocol}: a server that goes and comes back`, async (t) => {
    const first = await ScriptedApiServer.start({ serving, ca: authority.certificate, http2 });
    const { port } = first;
    using client = await clientOf(first.address);
    const script: ApiScript = (request, response) => {
      if (request.query.get("watch") !== "true") return response.json(200, list("1", [configMap("a", "1")]));
      response.begin();
    };
    first.script = script;
    const seen = new Seen();
    await using following = follow({ client, resource: CONFIG_MAPS, handlers: seen, clock, log, backoff });
    await following.synced;
    await first[Symbol.asyncDispose]();
    await t.rejects(client.get(CONFIG_MAPS, "a"), { code: "unavailable", message: /cannot be reached/ });
    t.ok(seen.objects.has("a"), "what was known stays known");
    await using second = await ScriptedApiServer.start({ serving, ca: authority.certificate, http2, port });
    second.script = script;
    await eventually("it is watched again", () => second.requests.some(({ query }) => query.get("watch") === "true"));
  });

  t.test(`${protocol}: through a proxy`, async (t) => {
    await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate, http2 });
    const asked: string[] = [];
    const proxy = createHttpServer((_request, response) => response.writeHead(400).end());
    const open = new Set<{ destroy(): unknown }>();
    proxy.on("connect", (request, socket) => {
      asked.push(`${request.url} ${request.headers["proxy-authorization"] ?? ""}`);
      const onward = connectTcp(server.port, "127.0.0.1", () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        socket.pipe(onward).pipe(socket);
      });
      for (const end of [socket, onward]) open.add(end.on("error", () => undefined));
    });
    await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
    t.teardown(() => {
      for (const end of open) end.destroy();
      proxy.close();
    });
    const { port } = proxy.address() as AddressInfo;
    server.script = (_request, response) => response.json(200, configMap("a", "1"));
    using client = await clientOf(
      `https://api.example:6443`,
      {},
      {
        "certificate-authority-data": ca,
        "proxy-url": `http://me:pass@127.0.0.1:${port}`,
      },
    );
    t.match(await client.get(CONFIG_MAPS, "a"), { metadata: { name: "a" } });
    t.strictSame(asked, [`api.example:6443 Basic ${Buffer.from("me:pass").toString("base64")}`]);
  });
}

t.test("a server that cannot be trusted is told so, with what to do", async (t) => {
  await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate });
  server.script = (_request, response) => response.json(200, configMap("a", "1"));
  const strangers = (await readFile(stranger.certificate)).toString("base64");
  using distrusting = await clientOf(server.address, {}, { "certificate-authority-data": strangers });
  await t.rejects(distrusting.get(CONFIG_MAPS, "a"), { code: "unavailable", fix: /certificate-authority/ });
  using named = await clientOf(
    server.address,
    {},
    { "certificate-authority-data": ca, "tls-server-name": "api.example" },
  );
  await named.get(CONFIG_MAPS, "a");
  using misnamed = await clientOf(
    server.address,
    {},
    { "certificate-authority-data": ca, "tls-server-name": "other.example" },
  );
  await t.rejects(misnamed.get(CONFIG_MAPS, "a"), { code: "unavailable", fix: /tls-server-name/ });
  using careless = await clientOf(server.address, {}, { "insecure-skip-tls-verify": true });
  await careless.get(CONFIG_MAPS, "a");
});

t.test("many watches share connections, and more are made when one is full", async (t) => {
  await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate });
  server.script = (_request, response) => {
    response.begin();
    response.write(event("ADDED", configMap("a", "1")));
  };
  using client = await clientOf(server.address);
  const ended = new AbortController();
  const watches = Array.from({ length: 300 }, () =>
    client.watch(CONFIG_MAPS, { signal: ended.signal })[Symbol.asyncIterator](),
  );
  const first = await Promise.all(watches.map((watch) => watch.next()));
  t.ok(first.every(({ done }) => done === false));
  t.ok(server.connections < 10, `${server.connections} connections`);
  ended.abort(new Error("enough"));
  const next = await Promise.allSettled(watches.map((watch) => watch.next()));
  t.ok(next.every(({ status: how }) => how === "rejected"));
});

t.test("what has a rate of its own does not wait for the rest, over the same connections", async (t) => {
  await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate });
  server.script = (_request, response) => response.json(200, configMap("a", "1"));
  const kubeconfig = join(directory, "limited");
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(server.address)));
  const stop = new AbortController();
  await using joined = await joinApiServer({
    kubeconfig,
    certificateDirectory: directory,
    nodeName: "node",
    rotate: false,
    clock,
    log,
    userAgent: "nodelet-test",
    rate: { perSecond: 0.001, burst: 1 },
    signal: stop.signal,
  });
  await joined.client.get(CONFIG_MAPS, "a");
  const waiting = joined.client.get(CONFIG_MAPS, "a", { signal: stop.signal });
  for (let count = 0; count < 5; count++) await joined.unlimited.get(CONFIG_MAPS, "a");
  t.equal(server.requests.length, 6, "that it waits for is not sent");
  t.equal(server.connections, 1);
  stop.abort(new Error("enough"));
  await t.rejects(waiting, { message: "enough" });
});

t.test("a turn is good for one call, and another's when it was not used", async (t) => {
  await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate });
  server.script = (_request, response) => response.json(200, configMap("a", "1"));
  const kubeconfig = join(directory, "turns");
  await writeFile(kubeconfig, JSON.stringify(kubeconfigOf(server.address)));
  const stop = new AbortController();
  await using joined = await joinApiServer({
    kubeconfig,
    certificateDirectory: directory,
    nodeName: "node",
    rotate: false,
    clock,
    log,
    userAgent: "nodelet-test",
    rate: { perSecond: 0.001, burst: 1 },
    signal: stop.signal,
  });
  (await joined.client.turn())[Symbol.dispose]();
  using turn = await joined.client.turn();
  await joined.client.get(CONFIG_MAPS, "a", { turn });
  const waiting = joined.client.get(CONFIG_MAPS, "a", { turn, signal: stop.signal });
  await joined.unlimited.get(CONFIG_MAPS, "a");
  t.equal(server.requests.length, 2, "the second call with it waits for another");
  stop.abort(new Error("enough"));
  await t.rejects(waiting, { message: "enough" });
});

t.test("a client certificate or a token that is replaced is used from then on", async (t) => {
  await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate });
  const files = {
    certificate: join(directory, "client.crt"),
    key: join(directory, "client.key"),
    token: join(directory, "token"),
  };
  const install = async (name: string): Promise<void> => {
    const issued = authority.issue(name, { subject: `/CN=${name}` });
    await rename(issued.certificate, files.certificate);
    await rename(issued.key, files.key);
    await writeFile(files.token, `token of ${name}\n`);
  };
  await install("one");
  using client = await clientOf(server.address, {
    "client-certificate": "client.crt",
    "client-key": files.key,
    tokenFile: "token",
  });
  server.script = (request, response) => {
    if (request.commonName === wanted) response.json(200, configMap("a", "1"));
    else response.json(401, status(401, "Unauthorized"));
  };
  let wanted = "one";
  await client.get(CONFIG_MAPS, "a");
  t.match(server.requests.at(-1), { commonName: "one", authorization: "Bearer token of one" });
  await client.get(CONFIG_MAPS, "a");
  t.equal(server.connections, 1);
  await install("two");
  wanted = "two";
  await client.get(CONFIG_MAPS, "a");
  t.match(server.requests.at(-1), { commonName: "two", authorization: "Bearer token of two" });
  t.equal(server.connections, 2, "by a connection of its own");
});

t.test("credentials from a program", async (t) => {
  await using server = await ScriptedApiServer.start({ serving, ca: authority.certificate });
  const program = join(directory, "plugin");
  const runs = join(directory, "runs");
  await writeFile(
    program,
    `#!/bin/sh
echo run >> ${runs}
test "$EXTRA" = yes || exit 1
echo "$KUBERNETES_EXEC_INFO" > ${directory}/info
echo '{"apiVersion":"client.authentication.k8s.io/v1","kind":"ExecCredential","status":'
echo '{"token":"'"$1-$(wc -l < ${runs})"'","expirationTimestamp":"'"$(cat ${directory}/expires)"'"}}'
`,
  );
  await chmod(program, 0o755);
  const expire = async (milliseconds: number): Promise<void> =>
    await writeFile(join(directory, "expires"), new Date(Date.now() + milliseconds).toISOString());
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1",
    command: "./plugin",
    args: ["t"],
    env: [{ name: "EXTRA", value: "yes" }],
    provideClusterInfo: true,
    interactiveMode: "Never",
  };
  await expire(3_600_000);
  using client = await clientOf(server.address, { exec });
  let refused = "";
  server.script = ({ authorization }, response) => {
    if (authorization === refused) response.json(401, status(401, "Unauthorized"));
    else response.json(200, configMap("a", "1"));
  };
  await Promise.all([client.get(CONFIG_MAPS, "a"), client.get(CONFIG_MAPS, "a")]);
  await client.get(CONFIG_MAPS, "a");
  t.ok(
    server.requests.every(({ authorization }) => authorization === "Bearer t-1"),
    "it is asked once",
  );
  t.match(JSON.parse(await readFile(join(directory, "info"), "utf8")), {
    kind: "ExecCredential",
    spec: { interactive: false, cluster: { server: server.address, "certificate-authority-data": ca } },
  });
  refused = "Bearer t-1";
  await expire(-1_000);
  await client.get(CONFIG_MAPS, "a");
  t.equal(server.requests.at(-1)?.authorization, "Bearer t-2", "again when the server refuses what it gave");
  await client.get(CONFIG_MAPS, "a");
  t.equal(server.requests.at(-1)?.authorization, "Bearer t-3", "and when that has expired");

  using failing = await clientOf(server.address, { exec: { ...exec, env: [] } });
  await t.rejects(failing.get(CONFIG_MAPS, "a"), { code: "unavailable", message: /plugin failed/ });
  using missing = await clientOf(server.address, { exec: { ...exec, command: "./none", installHint: "Install none" } });
  await t.rejects(missing.get(CONFIG_MAPS, "a"), { code: "unavailable", fix: "Install none" });
});

t.test("certificate requests say what they are to say", async (t) => {
  const file = join(directory, "node.csr");
  const content = {
    commonName: "system:node:ä",
    organizations: ["system:nodes", "more"],
    dnsNames: ["node-a", "a.example"],
    ipAddresses: ["10.0.0.1", "fd00::1", "::", "::ffff:1.2.3.4"],
  };
  await writeFile(file, certificateRequest(await newKey(), content));
  const text = execFileSync(
    "openssl",
    ["req", "-in", file, "-noout", "-text", "-verify", "-nameopt", "utf8,sep_comma_plus"],
    {
      encoding: "utf8",
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  t.match(text, /Subject: O=(more\+O=system:nodes|system:nodes\+O=more),CN=system:node:ä/);
  t.match(text, "DNS:node-a, DNS:a.example, IP Address:10.0.0.1, IP Address:FD00:0:0:0:0:0:0:1");
  t.match(text, "IP Address:0:0:0:0:0:0:0:0, IP Address:0:0:0:0:0:FFFF:102:304");
  t.match(text, "Signature Algorithm: ecdsa-with-SHA256");
  await writeFile(file, certificateRequest(await newKey(), { commonName: "c", organizations: [] }));
  execFileSync("openssl", ["req", "-in", file, "-noout", "-verify"], { stdio: "ignore" });
});
