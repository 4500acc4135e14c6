import { test } from "tap";
import { NodeletError } from "../../../../agent/base/errors.ts";
import { parseRetryAfter } from "../../../../agent/base/retry-after.ts";
import { registryKey } from "../../../../agent/images/registry/credentials.ts";
import { ConnectionError, ContentError, retryDelay, StatusError } from "../../../../agent/images/registry/retry.ts";

const policy = { attempts: 4, baseMs: 100, maxMs: 250, maxRetryAfterMs: 5000 };

test("delays", (t) => {
  const delays = [1, 2, 3, 4].map((failures) => retryDelay(new ConnectionError("x"), failures, policy, 0.5));
  t.strictSame(delays, [75, 150, 187.5, undefined]);
  t.equal(retryDelay(new StatusError(503, "x"), 1, policy, 0), 50);
  t.equal(retryDelay(new StatusError(429, "x", { retryAfterMs: 3000 }), 1, policy), 3000);
  t.equal(retryDelay(new StatusError(429, "x", { retryAfterMs: 6000 }), 1, policy), undefined);
  for (const error of [
    new StatusError(404, "x"),
    new StatusError(401, "x"),
    new ContentError("x"),
    new NodeletError("exhausted", "x"),
    new Error("x"),
  ]) {
    t.equal(retryDelay(error, 1, policy), undefined, String(error));
  }
  t.strictSame(
    [401, 403, 404, 429, 500, 400].map((status) => new StatusError(status, "x").code),
    ["denied", "denied", "not-found", "unavailable", "unavailable", "invalid"],
  );
  t.end();
});

test("Retry-After", (t) => {
  const now = Date.parse("2026-01-01T00:00:00Z");
  t.equal(parseRetryAfter("5", now), 5000);
  t.equal(parseRetryAfter("Thu, 01 Jan 2026 00:00:07 GMT", now), 7000);
  t.equal(parseRetryAfter("Thu, 01 Jan 2015 00:00:07 GMT", now), 0);
  for (const text of [undefined, "", "soon", "-5", "99999999999"])
    t.equal(parseRetryAfter(text, now), undefined, String(text));
  t.end();
});

test("keys of registries", (t) => {
  const cases: [string, string, string][] = [
    ["https://index.docker.io/v1/", "docker.io", ""],
    ["registry-1.docker.io", "docker.io", ""],
    ["https://Registry.example:5000/v2/", "registry.example:5000", ""],
    ["registry.example/team/web", "registry.example", "team/web"],
    ["http://localhost:5000", "localhost:5000", ""],
  ];
  for (const [text, host, path] of cases) t.strictSame(registryKey(text), { host, path }, text);
  t.end();
});
