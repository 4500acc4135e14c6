import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { ConnectionError } from "../../../agent/kube/transport/connection-error.ts";
import { EventCorrelator, type NewEvent } from "../../../agent/kube/events/correlator.ts";
import { createEventRecorder } from "../../../agent/kube/events/recorder.ts";
import { EVENTS } from "../../../agent/kube/resources.ts";
import { setting } from "../../fixtures/settings.ts";
import { TableClient } from "../../fixtures/table-client.ts";

const about = { apiVersion: "v1", kind: "Pod", namespace: "n", name: "p", uid: "u" };
const event = (message: string, more: Partial<NewEvent> = {}): NewEvent => ({
  type: "Normal",
  reason: "R",
  message,
  about,
  ...more,
});
const MINUTE_MS = 60_000;

t.test("equal events are counted", async (t) => {
  const clock = new ManualClock();
  const correlator = new EventCorrelator(clock);
  const first = correlator.take(event("a"));
  await clock.advance(5_000);
  const second = correlator.take(event("a"));
  t.match(first, { count: 1, message: "a" });
  t.match(second, { count: 2, name: first?.name ?? "", firstTime: first?.firstTime });
  t.equal((second?.lastTime ?? 0) - (second?.firstTime ?? 0), 5_000);
  for (const other of [
    { type: "Warning" },
    { reason: "S" },
    { about: { ...about, uid: "v" } },
    { about: { ...about, fieldPath: "f" } },
  ] as const) {
    t.match(correlator.take(event("a", other)), { count: 1 }, JSON.stringify(other));
  }
});

t.test("from ten different messages of a reason on, they are told as one, until ten minutes are quiet", async (t) => {
  const clock = new ManualClock();
  const correlator = new EventCorrelator(clock);
  const counts = Array.from({ length: 12 }, (_, number) => correlator.take(event(`m${number}`)));
  t.ok(counts.slice(0, 9).every((told, number) => told?.message === `m${number}` && told.count === 1));
  t.match(counts.slice(9), [
    { count: 1, message: "(combined from similar events): m9" },
    { count: 2, message: "(combined from similar events): m10", name: counts[9]?.name ?? "" },
    { count: 3, message: "(combined from similar events): m11" },
  ]);
  await clock.advance(11 * MINUTE_MS);
  t.match(correlator.take(event("m12")), { count: 1, message: "m12" });
});

t.test("an object has 25 at once, and one more every five minutes", async (t) => {
  const clock = new ManualClock();
  const correlator = new EventCorrelator(clock);
  const told = Array.from({ length: 30 }, () => correlator.take(event("a"))).filter((one) => one !== undefined);
  t.equal(told.length, 25);
  t.ok(correlator.take(event("a", { about: { ...about, uid: "v" } })), "another object is not concerned");
  await clock.advance(5 * MINUTE_MS);
  t.match(correlator.take(event("a")), { count: 31 }, "those that were left out are counted");
  t.equal(correlator.take(event("a")), undefined);
});

t.test(
  "the recorder goes on while the server is away, gives up after its tries, and begins anew what has expired",
  async (t) => {
    const clock = new ManualClock();
    const client = new TableClient();
    await using recorder = createEventRecorder({ client, clock, log: silentLogger, component: "kubelet", host: "a" });
    let away = true;
    client.answer = () => {
      if (away) throw new ConnectionError("away");
    };
    recorder.record(event("x".repeat(2_000)));
    await clock.advance(30_000);
    t.ok(client.calls.length >= 2);
    away = false;
    await clock.advance(10_000);
    const [made] = (await client.list(EVENTS)).items;
    t.match(made, {
      involvedObject: about,
      count: 1,
      reason: "R",
      source: { component: "kubelet", host: "a" },
      reportingComponent: "kubelet",
    });
    t.equal(made?.message?.length, 1_024);

    recorder.record(event("x".repeat(2_000)));
    await clock.advance(1);
    t.match((await client.list(EVENTS)).items, [{ count: 2 }]);
    client.remove(EVENTS, made?.metadata?.name ?? "", "n");
    recorder.record(event("x".repeat(2_000)));
    await clock.advance(1);
    t.match((await client.list(EVENTS)).items, [{ count: 3 }], "one that has expired is made again");

    away = true;
    recorder.record(event("lost"));
    await clock.advance(200_000);
    t.equal(recorder.lost, 1);
  },
);

setting(t, ["eventRecordQPS", "eventBurst"], "so many events are told at once, and then a second", async (t) => {
  const clock = new ManualClock();
  const client = new TableClient();
  const rate = { perSecond: 2, burst: 3 };
  const base = { client, clock, log: silentLogger, component: "kubelet", host: "a" };
  const told = async (): Promise<number> => (await client.list(EVENTS)).items.length;
  const messages = Array.from({ length: 8 }, (_, index) => `event ${index}`);
  {
    await using recorder = createEventRecorder({ ...base, rate });
    for (const message of messages) recorder.record(event(message));
    await clock.advance(1);
    t.equal(await told(), 3);
    await clock.advance(500);
    t.equal(await told(), 4);
    await clock.advance(1_000);
    t.equal(await told(), 6);
    await clock.advance(1_000);
    t.equal(await told(), 8, "none is lost");
  }
});
