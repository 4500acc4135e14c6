import t from "tap";

import { HealthChecks } from "../../../../agent/server/kubelet/routes/healthz.ts";

t.test("checks are counted by their result, and told of as they are now", async (t) => {
  const runtime: { problem?: string } = {};
  const checks = new HealthChecks([{ name: "syncloop", problem: () => runtime.problem }]);
  t.strictSame(
    checks.all.map(({ name, problem }) => [name, problem()]),
    [
      ["ping", undefined],
      ["log", undefined],
      ["syncloop", undefined],
    ],
  );
  runtime.problem = "it does not answer";
  const [results, counts] = checks.families();
  const syncloop = (samples: readonly object[] = []): readonly object[] =>
    samples.filter((sample) => JSON.stringify(sample).includes("syncloop"));
  t.strictSame(syncloop(results?.samples), [{ labels: { name: "syncloop", type: "healthz" }, value: 0 }]);
  t.strictSame(syncloop(counts?.samples), [
    { labels: { name: "syncloop", status: "success", type: "healthz" }, value: 1 },
    { labels: { name: "syncloop", status: "error", type: "healthz" }, value: 1 },
  ]);
});
