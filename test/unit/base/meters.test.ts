import t from "tap";

import { Counter, Gauge, Histogram } from "../../../agent/base/meters.ts";

t.test("a counter has a series for each set of labels, and those that are known from the beginning", async (t) => {
  const counter = new Counter({ name: "n_total", help: "Some.", known: [{ kind: "a" }] });
  counter.add({ kind: "b" });
  counter.add({ kind: "b" });
  t.strictSame(counter.family, {
    name: "n_total",
    help: "Some.",
    type: "counter",
    samples: [
      { labels: { kind: "a" }, value: 0 },
      { labels: { kind: "b" }, value: 2 },
    ],
  });
});

t.test("a gauge is set, and goes up and down", async (t) => {
  const gauge = new Gauge({ name: "n", help: "Some." });
  t.strictSame(gauge.family.samples, []);
  gauge.set(7);
  gauge.add(-2);
  t.strictSame(gauge.family.samples, [{ labels: {}, value: 5 }]);
});

t.test("a histogram counts up to each bound, and all", async (t) => {
  const histogram = new Histogram({ name: "n_seconds", help: "Some." }, [1, 2]);
  for (const value of [0.5, 1, 1.5, 3]) histogram.observe(value, { kind: "a" });
  const line = histogram.family.samples.map(({ suffix, labels, value }) => [suffix, labels?.["le"], value]);
  t.strictSame(line, [
    ["_bucket", "1", 2],
    ["_bucket", "2", 3],
    ["_bucket", "+Inf", 4],
    ["_sum", undefined, 6],
    ["_count", undefined, 4],
  ]);
});

t.test("series are forgotten by some of their labels", async (t) => {
  const counter = new Counter({ name: "n_total", help: "Some." });
  counter.add({ pod: "a", container: "x" });
  counter.add({ pod: "a", container: "y" });
  counter.add({ pod: "b", container: "x" });
  counter.forget({ pod: "a" });
  t.strictSame(counter.family.samples, [{ labels: { pod: "b", container: "x" }, value: 1 }]);
});
