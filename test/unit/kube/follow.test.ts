import t from "tap";

import type { V1ConfigMap } from "@kubernetes/client-node";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { Backoff, REFLECTOR_BACKOFF } from "../../../agent/kube/backoff.ts";
import { TokenBucket } from "../../../agent/kube/rate-limit.ts";
import { CONFIG_MAPS, SECRETS } from "../../../agent/kube/resources.ts";
import { ServiceAccountTokens, type TokenWish } from "../../../agent/kube/service-account-tokens.ts";
import { ConnectionError } from "../../../agent/kube/transport/connection-error.ts";
import { WatchedObjects } from "../../../agent/kube/watched-objects.ts";
import { TableClient } from "../../fixtures/table-client.ts";

const log = silentLogger;
const namespace = "n";

function configMap(name: string, value: string): V1ConfigMap {
  return { metadata: { name, namespace }, data: { value } };
}

t.test(
  "the reflector's delays: doubled from 0.8 s to 30 s, up to twice as long by chance, anew after two quiet minutes",
  async (t) => {
    const clock = new ManualClock();
    const backoff = new Backoff(REFLECTOR_BACKOFF, clock);
    t.strictSame(
      [0, 0, 0, 0, 0, 0, 0].map((chance) => backoff.next(chance)),
      [800, 1_600, 3_200, 6_400, 12_800, 25_600, 30_000],
    );
    t.equal(backoff.next(0.5), 45_000);
    await clock.advance(121_000);
    t.equal(backoff.next(0), 800);
  },
);

t.test("calls a second", async (t) => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ perSecond: 10, burst: 2 }, clock);
  let taken = 0;
  const takers = Array.from({ length: 4 }, () => bucket.take().then(() => taken++));
  await clock.advance(0);
  t.equal(taken, 2);
  await clock.advance(100);
  t.equal(taken, 3);
  await clock.advance(100);
  t.equal(taken, 4);
  await Promise.all(takers);
  t.equal(bucket.tryTake(), false);
  await clock.advance(150);
  t.equal(bucket.tryTake(), true);
  t.equal(bucket.tryTake(), false);
  const gone = new AbortController();
  const waiting = bucket.take(gone.signal);
  gone.abort(new Error("gone"));
  await t.rejects(waiting, { message: "gone" });
});

t.test("calls that others go before", async (t) => {
  const clock = new ManualClock();
  const bucket = new TokenBucket({ perSecond: 10, burst: 4 }, clock);
  t.strictSame([bucket.spareTurn()?.use(), bucket.spareTurn()?.use()], [true, true]);
  t.equal(bucket.spareTurn(), undefined, "half of the burst is left");
  await clock.advance(100);
  t.equal(bucket.spareTurn()?.use(), true);
  const once = new TokenBucket({ perSecond: 1, burst: 1 }, clock);
  t.equal(once.spareTurn()?.use(), true);
  t.equal(once.spareTurn(), undefined);
});

t.test("ConfigMaps and Secrets: a watch of each that is named, shared by those who name it", async (t) => {
  const clock = new ManualClock();
  const client = new TableClient();
  client.put(CONFIG_MAPS, configMap("a", "1"));
  client.put(CONFIG_MAPS, configMap("other", "1"));
  client.put(SECRETS, { metadata: { name: "a", namespace }, data: { k: "MQ==" } });
  await using objects = new WatchedObjects({ client, clock, log });
  const changes: string[] = [];
  using _subscription = objects.subscribe(({ kind, name }) => void changes.push(`${kind} ${name}`));
  const a = { kind: "ConfigMap", namespace, name: "a" } as const;
  objects.retain("pod1", [a, { kind: "Secret", namespace, name: "a" }]);
  objects.retain("pod2", [a]);
  t.equal(objects.size, 2);
  t.match(await objects.configMap(namespace, "a"), { data: { value: "1" } });
  t.match(await objects.secret(namespace, "a"), { data: { k: "MQ==" } });
  await clock.advance(0);
  t.equal(client.watches, 2);
  t.ok(
    client.calls.every(({ path }) => path.endsWith("?metadata.name=a")),
    "nobody else's are asked for",
  );

  changes.length = 0;
  client.put(CONFIG_MAPS, configMap("a", "2"));
  client.put(CONFIG_MAPS, configMap("other", "2"));
  await clock.advance(0);
  t.strictSame(changes, ["ConfigMap a"]);
  t.match(await objects.configMap(namespace, "a"), { data: { value: "2" } });
  client.remove(CONFIG_MAPS, "a", namespace);
  await clock.advance(0);
  t.equal(await objects.configMap(namespace, "a"), undefined);

  objects.release("pod1");
  objects.retain("pod1", [a]);
  t.equal(objects.size, 2, "one that nobody names lingers");
  t.match(
    await objects.configMap(namespace, "other"),
    { data: { value: "2" } },
    "one that is not watched is asked for",
  );
  t.equal(await objects.configMap(namespace, "none"), undefined);
});

t.test("an object that the server does not tell of is not said to be missing", async (t) => {
  const clock = new ManualClock();
  const client = new TableClient();
  client.answer = () => {
    throw new ConnectionError("away");
  };
  await using objects = new WatchedObjects({ client, clock, log });
  await t.rejects(objects.configMap(namespace, "a"), { code: "unavailable" });
  objects.retain("pod", [{ kind: "ConfigMap", namespace, name: "a" }]);
  const ended = new AbortController();
  const asked = objects.configMap(namespace, "a", { signal: ended.signal });
  ended.abort(new Error("no longer wanted"));
  await t.rejects(asked, { message: "no longer wanted" });
  client.answer = () => undefined;
  client.put(CONFIG_MAPS, configMap("a", "1"));
  const again = objects.configMap(namespace, "a");
  await clock.advance(1_000);
  t.match(await again, { data: { value: "1" } });
});

t.test("tokens are kept until four fifths of their life, and longer while none can be had", async (t) => {
  const clock = new ManualClock();
  const client = new TableClient();
  let number = 0;
  client.answer = ({ path, body }) => {
    t.equal(path, "serviceaccounts/n/default/token");
    t.match(body, {
      kind: "TokenRequest",
      spec: { audiences: ["x"], expirationSeconds: 1_000, boundObjectRef: { kind: "Pod", name: "p", uid: "u" } },
    });
    const expires = new Date(Number(clock.now() / 1_000_000n) + 1_000_000).toISOString();
    return { status: { token: `t${++number}`, expirationTimestamp: expires } };
  };
  const tokens = new ServiceAccountTokens({ client, clock, log });
  const wish: TokenWish = {
    namespace,
    serviceAccount: "default",
    audiences: ["x"],
    expirationSeconds: 1_000,
    boundTo: { kind: "Pod", name: "p", uid: "u" },
  };
  const get = async (): Promise<string> => (await tokens.get(wish)).token;
  t.strictSame(await Promise.all([get(), get()]), ["t1", "t1"]);
  await clock.advance(780_000);
  t.equal(await get(), "t1");
  await clock.advance(20_000);
  t.equal(await get(), "t2");
  await clock.advance(900_000);
  client.answer = () => {
    throw new ConnectionError("away");
  };
  t.equal(await get(), "t2");
  await clock.advance(100_000);
  await t.rejects(get(), { code: "unavailable" });
  tokens.forget("u");
  t.equal(tokens.size, 0);
});
