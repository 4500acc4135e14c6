// Who may ask the kubelet's API for what: certificates, tokens and rights, with a table in the API server's place.

import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";

import t, { test, type Test } from "tap";

import { ManualClock } from "../../../../agent/base/clock.ts";
import { silentLogger } from "../../../../agent/base/log.ts";
import { createAuthentication } from "../../../../agent/server/kubelet/authentication.ts";
import { alwaysAllow, attributesOf, webhookAuthorization } from "../../../../agent/server/kubelet/authorization.ts";
import { createReviews } from "../../../../agent/server/kubelet/reviews.ts";
import { createKubeletServer, type Gate } from "../../../../agent/server/kubelet/server.ts";
import { ownPair, selfSigned } from "../../../../agent/server/kubelet/self-signed.ts";
import { setting } from "../../../fixtures/settings.ts";

interface Asked {
  readonly kind: string;
  readonly spec: Record<string, unknown>;
}

/** Knows token `good` of `ann`, who may get pods and stats; `down`: answers nothing. */
class Table {
  readonly asked: Asked[] = [];
  down = false;
  allowed = new Set(["pods", "stats"]);

  readonly reviews = createReviews({
    request: ({ path, body }) => {
      if (this.down) return Promise.reject(new Error("the server is away"));
      const { kind, spec } = body as Asked;
      this.asked.push({ kind, spec });
      if (path === "/apis/authentication.k8s.io/v1/tokenreviews") {
        const user = { username: "ann", uid: "7", groups: ["dev"], extra: { scopes: ["a"] } };
        return Promise.resolve({
          status: spec["token"] === "good" ? { authenticated: true, user } : { error: "unknown" },
        });
      }
      const { subresource } = spec["resourceAttributes"] as { subresource: string };
      return Promise.resolve({ status: { allowed: this.allowed.has(subresource) } });
    },
  });

  count(kind: string): number {
    return this.asked.filter((one) => one.kind === kind).length;
  }
}

class Host {
  readonly clock = new ManualClock();
  readonly table = new Table();
  readonly pair = selfSigned(["127.0.0.1", "localhost"], Date.now());
  #port = 0;

  async start(
    t: Test,
    more: Partial<Parameters<typeof createAuthentication>[0]> = {},
    gate: Partial<Gate> = {},
  ): Promise<void> {
    const { clock, table } = this;
    const server = createKubeletServer({
      routes: ["/pods", "/stats/summary", "/exec", "/healthz"].map((path) => ({
        method: "GET",
        path,
        handle: (call) => call.text(path),
      })),
      address: "127.0.0.1",
      port: 0,
      tls: {
        credentials: { cert: this.pair.certificate, key: this.pair.key },
        minVersion: "TLSv1.2",
        ciphers: undefined,
        curves: undefined,
      },
      gate: {
        authenticate: createAuthentication({
          certificates: false,
          tokens: { reviews: table.reviews, cacheMs: 120_000 },
          anonymous: false,
          clock,
          log: silentLogger,
          ...more,
        }),
        authorize: webhookAuthorization({
          reviews: table.reviews,
          node: "node-1",
          allowedMs: 300_000,
          deniedMs: 30_000,
          clock,
        }),
        ...gate,
      },
      requests: undefined,
      log: silentLogger,
    });
    t.teardown(() => server[Symbol.asyncDispose]());
    this.#port = (await server.listen()).port;
  }

  async ask(path: string, token?: string): Promise<string> {
    return await new Promise((resolve, reject) => {
      get(
        {
          host: "127.0.0.1",
          port: this.#port,
          path,
          agent: false,
          ca: this.pair.certificate,
          headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
        },
        (response) => {
          let body = "";
          response.setEncoding("utf8").on("data", (text: string) => (body += text));
          response.on("end", () => resolve(`${response.statusCode} ${body}`));
        },
      ).on("error", reject);
    });
  }
}

setting(
  t,
  ["authentication.webhook.enabled", "authentication.webhook.cacheTTL"],
  "the API server says whose a token is, once in so long",
  async (t) => {
    const host = new Host();
    await host.start(t, {}, { authorize: alwaysAllow });
    t.equal(await host.ask("/pods"), "401 Unauthorized");
    t.equal(await host.ask("/pods", "bad"), "401 Unauthorized");
    t.equal(await host.ask("/pods", "good"), "200 /pods");
    t.equal(await host.ask("/pods", "good"), "200 /pods");
    t.equal(await host.ask("/pods", "bad"), "401 Unauthorized");
    t.same(host.table.asked, [
      { kind: "TokenReview", spec: { token: "bad" } },
      { kind: "TokenReview", spec: { token: "good" } },
    ]);
    await host.clock.advance(120_001);
    await host.ask("/pods", "good");
    t.equal(host.table.count("TokenReview"), 3);
    host.table.down = true;
    t.equal(await host.ask("/pods", "good"), "200 /pods", "it still holds");
    t.equal(await host.ask("/pods", "other"), "401 Unauthorized");

    const without = new Host();
    await without.start(t, { tokens: undefined }, { authorize: alwaysAllow });
    t.equal(await without.ask("/pods", "good"), "401 Unauthorized");
    t.equal(without.table.asked.length, 0);
  },
);

setting(
  t,
  ["authorization.mode", "authorization.webhook.cache{Authorized,Unauthorized}TTL"],
  "the API server says what a user may, once in so long",
  async (t) => {
    const host = new Host();
    await host.start(t);
    t.equal(await host.ask("/pods", "good"), "200 /pods");
    t.same(host.table.asked[1], {
      kind: "SubjectAccessReview",
      spec: {
        user: "ann",
        uid: "7",
        groups: ["dev", "system:authenticated"],
        extra: { scopes: ["a"] },
        resourceAttributes: { verb: "get", version: "v1", resource: "nodes", subresource: "pods", name: "node-1" },
      },
    });
    t.equal(await host.ask("/stats/summary", "good"), "200 /stats/summary");
    t.equal(
      await host.ask("/exec", "good"),
      "403 Forbidden (user=ann, verb=get, resource=nodes, subresource(s)=[proxy])\n",
    );
    t.equal(
      await host.ask("/healthz", "good"),
      "403 Forbidden (user=ann, verb=get, resource=nodes, subresource(s)=[healthz proxy])\n",
    );
    const asked = host.table.count("SubjectAccessReview");
    t.equal(asked, 4, "pods, stats, proxy, healthz; proxy's answer holds");
    host.table.allowed = new Set(["proxy"]);
    await host.clock.advance(30_001);
    t.equal(await host.ask("/pods", "good"), "200 /pods", "a yes holds longer");
    t.equal(await host.ask("/healthz", "good"), "200 /healthz", "proxy is everything");
    await host.clock.advance(90_000);
    host.table.down = true;
    await host.clock.advance(300_000);
    t.match(await host.ask("/pods", "good"), "401", "the token's answer is old too");
    host.table.down = false;
    await host.ask("/exec", "good");
    host.table.down = true;
    t.match(await host.ask("/stats/summary", "good"), /^500 Authorization error \(user=ann/);
  },
);

test("anonymous users are let in only where nothing was shown", async (t) => {
  const host = new Host();
  await host.start(t, { anonymous: true }, { authorize: (user) => Promise.resolve(user.name === "system:anonymous") });
  t.equal(await host.ask("/pods"), "200 /pods");
  t.equal(await host.ask("/pods", "bad"), "401 Unauthorized");
  t.match(await host.ask("/pods", "good"), /^403 /);
});

test("a port that another has is named", async (t) => {
  const options = { routes: [], address: "127.0.0.1", tls: undefined, gate: undefined, requests: undefined };
  const one = createKubeletServer({ ...options, port: 0, log: silentLogger });
  t.teardown(() => one[Symbol.asyncDispose]());
  const { port } = await one.listen();
  const two = createKubeletServer({ ...options, port, log: silentLogger });
  await t.rejects(two.listen(), {
    code: "conflict",
    message: "Another process has this port",
    where: `127.0.0.1:${port}`,
  });
  await two[Symbol.asyncDispose]();
});

test("requests as verbs on parts of a node", async (t) => {
  const cases: [method: string, path: string, verb: string, subresources: string[]][] = [
    ["GET", "/pods", "get", ["pods", "proxy"]],
    ["GET", "/pods/", "get", ["pods", "proxy"]],
    ["GET", "/podsx", "get", ["proxy"]],
    ["GET", "/runningpods/", "get", ["pods", "proxy"]],
    ["GET", "/healthz/ping", "get", ["healthz", "proxy"]],
    ["GET", "/configz", "get", ["configz", "proxy"]],
    ["GET", "/flagz", "get", ["configz"]],
    ["GET", "/statusz", "get", ["statusz"]],
    ["GET", "/stats/summary", "get", ["stats"]],
    ["GET", "/metrics/cadvisor", "get", ["metrics"]],
    ["GET", "/logs/a/b", "get", ["log"]],
    ["POST", "/checkpoint/a/b/c", "create", ["checkpoint"]],
    ["POST", "/exec/a/b/c", "create", ["proxy"]],
    ["GET", "/containerLogs/a/b/c", "get", ["proxy"]],
    ["PUT", "/debug/flags/v", "update", ["proxy"]],
    ["DELETE", "/x", "delete", ["proxy"]],
    ["TRACE", "/x", "", ["proxy"]],
  ];
  for (const [method, path, verb, subresources] of cases)
    t.same(attributesOf(method, path), { verb, subresources }, path);
});

test("a pair of the server's own is made once", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-pair-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const { certFile, keyFile } = await ownPair(join(directory, "pki"), ["node-1", "10.0.0.1", "fd00::1"], Date.now());
  const [certificate, key] = [readFileSync(certFile, "utf8"), readFileSync(keyFile, "utf8")];
  t.equal(certificate.match(/BEGIN CERTIFICATE/g)?.length, 2);
  const { X509Certificate, createPrivateKey } = await import("node:crypto");
  const own = new X509Certificate(certificate);
  t.equal(own.subjectAltName, "DNS:node-1, IP Address:10.0.0.1");
  t.ok(own.checkPrivateKey(createPrivateKey(key)));
  t.ok(own.verify(new X509Certificate(certificate.slice(certificate.lastIndexOf("-----BEGIN"))).publicKey));
  await ownPair(join(directory, "pki"), ["other"], Date.now());
  t.equal(readFileSync(certFile, "utf8"), certificate, "kept");
});
