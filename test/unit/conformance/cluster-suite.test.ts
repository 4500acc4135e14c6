import t from "tap";

import {
  isNodeSpec,
  judgeCluster,
  notRunnable,
  othersText,
  parseSpecs,
  runnable,
} from "../../conformance/cluster-suite/specs.ts";
import { unexpected } from "../../conformance/expectations.ts";
import { focusOn } from "../../conformance/ginkgo.ts";
import type { SpecResult } from "../../conformance/junit.ts";

const LIST = `- testname: A
  codename: '[sig-node] Pods should run [NodeConformance]
    [Conformance]'
  release: v1.9
- testname: B
  codename: '[sig-node] Pods should *not* run [Conformance]'
- testname: C
  codename: '[sig-network] Services should serve (TCP) [Conformance]'
- testname: D
  codename: '[sig-apps] Job should end [Conformance]'
`;
const RUN = "[sig-node] Pods should run [NodeConformance] [Conformance]";
const NOT = "[sig-node] Pods should *not* run [Conformance]";
const SERVE = "[sig-network] Services should serve (TCP) [Conformance]";
const JOB = "[sig-apps] Job should end [Conformance]";

const ended = (name: string, outcome: SpecResult["outcome"], message = ""): SpecResult => ({
  name: `[It] ${name} [sig-node, Conformance]`,
  outcome,
  seconds: 1,
  message,
});

t.test("the list's names, and ginkgo's focus on them", async (t) => {
  const specs = parseSpecs(LIST);
  t.same(specs, [RUN, NOT, SERVE, JOB]);
  t.same(specs.filter(isNodeSpec), [RUN, NOT]);
  const focus = new RegExp(focusOn([NOT, SERVE]));
  for (const name of [NOT, SERVE, NOT.replace(" ", "  ")]) t.match(`Kubernetes e2e suite ${name}`, focus);
  for (const name of [RUN, JOB, `${NOT} twice`]) t.notMatch(`Kubernetes e2e suite ${name}`, focus);
});

t.test("a node's spec has to pass; the others are told", async (t) => {
  const specs = parseSpecs(LIST);
  const judgement = judgeCluster(
    [
      ended(RUN, "passed"),
      ended(NOT, "skipped"),
      ended(SERVE, "failed", "refused\nat line 1"),
      ended("[sig-node] of no list", "skipped"),
      { name: "[SynchronizedBeforeSuite]", outcome: "passed", seconds: 1, message: "" },
      { name: "[SynchronizedAfterSuite]", outcome: "failed", seconds: 1, message: "broken" },
    ],
    specs,
    { controllers: [] },
  );
  t.same(
    unexpected(judgement.node).map(({ name, message }) => `${name}: ${message}`),
    ["[SynchronizedAfterSuite]: broken", `${NOT}: did not run`],
  );
  t.same(
    judgement.node.filter(({ outcome }) => outcome === "passed").map(({ name }) => name),
    [RUN],
  );
  const text = othersText(judgement.others);
  t.match(text, "0 passed, 2 failed, 0 skipped.");
  t.match(text, `- failed: ${SERVE}: refused\n`);
  t.match(text, `- failed: ${JOB}: did not run`);
  t.equal(othersText([]), "");
});

t.test("what a host cannot show is not run there, and said so", async (t) => {
  const resize = "[sig-node] Pod InPlace Resize Container should grow [Conformance]";
  const without = { controllers: [] };
  const all = { controllers: ["cpu", "memory"] };
  t.same(runnable([RUN, resize], without), [RUN]);
  t.same(notRunnable([RUN, resize], without), [resize]);
  t.same(runnable([RUN, resize], all), [RUN, resize]);
  t.same(notRunnable([RUN, resize], all), []);
  t.match(judgeCluster([], [resize], without).node, [{ outcome: "skipped", reason: /no controllers/ }]);
  t.match(judgeCluster([], [resize], all).node, [{ outcome: "failed", reason: undefined }]);
});
