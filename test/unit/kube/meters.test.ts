// What is counted of the API server: requests with and without an answer, and how long the node's certificate lasts.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import t from "tap";

import { ManualClock, systemClock } from "../../../agent/base/clock.ts";
import { CertificateMeters } from "../../../agent/kube/certificates/meters.ts";
import { createHttpClient } from "../../../agent/kube/http-client.ts";
import { RequestMeters } from "../../../agent/kube/request-meters.ts";

t.test("requests by host, method and what came of them", async (t) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === "/none" ? 404 : 200, { "content-type": "application/json" }).end("{}");
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  t.teardown(() => server.close());
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const meters = new RequestMeters();
  const client = createHttpClient({
    endpoint: {
      server: new URL(`http://${host}`),
      ca: undefined,
      skipVerify: false,
      serverName: undefined,
      proxy: undefined,
    },
    credentials: { current: async () => ({}), refused: () => false },
    clock: systemClock,
    userAgent: "test",
    meters,
  });
  t.teardown(() => client.close());
  await client.request({ method: "GET", path: "/there" });
  await t.rejects(client.request({ method: "GET", path: "/none" }));
  server.closeAllConnections();
  await new Promise((done) => server.close(done));
  await t.rejects(client.request({ method: "POST", path: "/gone", body: {} }));
  const [requests, durations] = meters.families();
  t.strictSame(requests?.samples, [
    { labels: { code: "200", host, method: "GET" }, value: 1 },
    { labels: { code: "404", host, method: "GET" }, value: 1 },
    { labels: { code: "<error>", host, method: "POST" }, value: 1 },
  ]);
  const counts = durations?.samples.filter(({ suffix }) => suffix === "_count");
  t.strictSame(counts, [
    { suffix: "_count", labels: { host, verb: "GET" }, value: 2 },
    { suffix: "_count", labels: { host, verb: "POST" }, value: 1 },
  ]);
});

t.test("a certificate that is kept", async (t) => {
  const clock = new ManualClock();
  const meters = new CertificateMeters(clock, "client");
  t.strictSame(meters.families(), [], "none is");
  const certificate: { until?: number } = {};
  meters.follow(() => certificate.until);
  const ttl = (): number | undefined => meters.families()[1]?.samples[0]?.value;
  t.equal(ttl(), Number.POSITIVE_INFINITY);
  certificate.until = Number(clock.now() / 1_000_000n) + 90_500;
  t.equal(ttl(), 90);
  meters.failed();
  t.match(meters.families()[0], {
    name: "kubelet_certificate_manager_client_expiration_renew_errors",
    samples: [{ value: 1 }],
  });
  const server = new CertificateMeters(clock, "server");
  server.follow(() => undefined);
  t.same(
    server.families().map(({ name }) => name),
    ["kubelet_server_expiration_renew_errors", "kubelet_certificate_manager_server_ttl_seconds"],
  );
});
