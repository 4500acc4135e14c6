import t from "tap";

import { unexpected } from "../../conformance/expectations.ts";
import type { SpecResult } from "../../conformance/junit.ts";
import { excused, judgeByStock, parseStock, readStock } from "../../conformance/node-suite/stock.ts";

const stock = parseStock(
  "state\tseconds\tspec\twhy not\n" +
    "passed\t1.0\tpods run\t\n" +
    "passed\t1.0\tpods have limits\t\n" +
    "failed\t2.0\tdummy links\tno driver\n" +
    "skipped\t0.1\tolder runtimes\tthe runtime is new\n",
);
const host = { controllers: [] };
const ended = (name: string, outcome: SpecResult["outcome"], message = ""): SpecResult => ({
  name: `[It] ${name} [sig-node, NodeConformance]`,
  outcome,
  seconds: 1,
  message,
});
const bad = (results: readonly SpecResult[], complete = false): readonly string[] =>
  unexpected(judgeByStock(results, stock, { host, complete })).map(({ name, outcome }) => `${outcome} ${name}`);

t.test("the file of stock's results has all specs", async (t) => {
  const results = readStock();
  t.equal(results.size, 427);
  t.same(
    [...results.values()].filter(({ outcome, reason }) => outcome !== "passed" && reason === ""),
    [],
  );
});

t.test("a spec is found however many spaces a report has in its name", async (t) => {
  const spaced = parseStock("state\tseconds\tspec\twhy not\npassed\t1.0\tPod  ends\t\n");
  for (const name of ["Pod ends", "Pod  ends"]) {
    const verdicts = judgeByStock([ended(name, "passed")], spaced, { host, complete: true });
    t.same(unexpected(verdicts), []);
    t.equal(verdicts.length, 1);
  }
});

t.test("a spec has to pass where it passes with stock", async (t) => {
  t.same(bad([ended("pods run", "passed")]), []);
  t.same(bad([ended("pods run", "failed", "timed out")]), ["failed pods run"]);
  t.same(bad([ended("pods run", "skipped", "no such host")]), ["skipped pods run"]);
});

t.test("what fails or is skipped with stock too is known, but not the other way about", async (t) => {
  t.same(bad([ended("dummy links", "failed", "x"), ended("older runtimes", "skipped", "x")]), []);
  t.same(bad([ended("dummy links", "skipped", "x"), ended("older runtimes", "failed", "x")]), [
    "skipped dummy links",
    "failed older runtimes",
  ]);
  t.same(bad([ended("dummy links", "passed")]), []);
});

t.test("what may fail on a host is known by name", async (t) => {
  t.same(excused(stock, host), ["dummy links"]);
  for (const name of excused(stock, host)) t.same(bad([ended(name, "failed", "x")]), []);
});

t.test("a skip or failure of a spec that stock does not have is not known", async (t) => {
  t.same(bad([ended("new", "skipped", "x"), ended("newer", "failed", "x")]), ["skipped new", "failed newer"]);
});

t.test("a difference counts with its reason on the hosts that it is for", async (t) => {
  const difference = { spec: /limits/, reason: "no controllers", when: () => host.controllers.length === 0 };
  const results = [ended("pods have limits", "failed", "x")];
  const [verdict] = judgeByStock(results, stock, { host, complete: false, differences: [difference] });
  t.equal(verdict?.reason, "no controllers");
  const elsewhere = { ...difference, when: () => false };
  t.equal(judgeByStock(results, stock, { host, complete: false, differences: [elsewhere] })[0]?.reason, undefined);
});

t.test("a complete run has all of them; set-up, and specs that were not selected, are none", async (t) => {
  t.same(bad([ended("pods run", "passed")], true), [
    "failed pods have limits",
    "failed dummy links",
    "failed older runtimes",
  ]);
  const setUp = { ...ended("", "passed"), name: "[SynchronizedBeforeSuite]" };
  t.same(judgeByStock([setUp, ended("not selected", "skipped")], stock, { host, complete: false }), []);
  t.same(bad([{ ...setUp, outcome: "failed", message: "no kubelet" }]), ["failed [SynchronizedBeforeSuite]"]);
});
