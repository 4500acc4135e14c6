import t from "tap";

import {
  defineCommand,
  helpText,
  parseArguments,
  podName,
  UsageError,
  type Command,
} from "../../../agent/commands/cli.ts";
import { COMMANDS } from "../../../agent/commands/index.ts";
import { sinceQuery } from "../../../agent/commands/logs.ts";
import { nearestWord } from "../../../agent/commands/nearest.ts";

const command = defineCommand({
  name: "test",
  summary: "a command",
  usage: ["THING"],
  options: {
    follow: { kind: "flag", short: "f", help: "x" },
    interactive: { kind: "flag", short: "i", help: "x" },
    tail: { kind: "number", value: "LINES", help: "x" },
    container: { kind: "string", short: "c", value: "NAME", help: "x" },
  },
  args: { min: 1, max: 2 },
  run: async () => 0,
}) satisfies Command;

const exec: Command = { ...command, args: { min: 2, max: Number.POSITIVE_INFINITY }, commandFrom: 1 };

t.test("options", async (t) => {
  const parse = (...argv: string[]) => parseArguments(command, argv);
  t.match(parse("x"), { args: ["x"], options: { follow: false, tail: undefined, help: false } });
  t.match(parse("-f", "x", "--tail", "5"), { args: ["x"], options: { follow: true, tail: 5 } });
  t.match(parse("x", "--tail=5", "-c", "a"), { options: { tail: 5, container: "a" } });
  t.match(parse("-ficname", "x"), { options: { follow: true, interactive: true, container: "name" } });
  t.match(parse("-c=name", "x"), { options: { container: "name" } });
  t.match(parse("--follow=false", "x"), { options: { follow: false } });
  t.match(parse("--", "-f"), { args: ["-f"], options: { follow: false } });
  t.match(parse("-"), { args: ["-"] }, "a dash is an argument");
  t.match(parse("--run-dir", "/x", "y"), { options: { "run-dir": "/x" } });
  t.match(parse("--help"), { options: { help: true } }, "help needs no arguments");
});

t.test("options end where another program's begin", async (t) => {
  const parse = (...argv: string[]) => parseArguments(exec, argv);
  t.match(parse("-i", "web", "--", "sh", "-c", "ls -f"), {
    args: ["web", "sh", "-c", "ls -f"],
    options: { interactive: true, container: undefined },
  });
  t.match(parse("web", "-c", "side", "--", "ls", "-f"), {
    args: ["web", "ls", "-f"],
    options: { container: "side", follow: false },
  });
  t.match(parse("web", "ls", "-f"), { args: ["web", "ls", "-f"], options: { follow: false } });
  t.match(parse("web", "-c", "side", "ls", "-f"), {
    args: ["web", "ls", "-f"],
    options: { container: "side", follow: false },
  });
  t.match(parse("web", "--", "--", "x"), { args: ["web", "--", "x"] });
  t.match(parse("web", "--", "echo", "--"), { args: ["web", "echo", "--"] });
});

t.test("wrong usage says what is right", async (t) => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [["x", "--folow"], /unknown option --folow, did you mean --follow\?/],
    [["x", "--zzz"], /^unknown option --zzz$/],
    [["x", "-z"], /unknown option -z/],
    [["x", "--tail"], /--tail needs a value: LINES/],
    [["x", "--tail", "five"], /--tail needs a whole number, not "five"/],
    [["x", "--follow=maybe"], /--follow takes no value/],
    [[], /too few arguments: it is `nodelet test THING`/],
    [["a", "b", "c"], /"c" is one argument too many/],
  ];
  for (const [argv, message] of cases)
    t.throws(() => parseArguments(command, argv), { name: "UsageError", message }, argv.join(" "));
});

t.test("names of pods", async (t) => {
  t.same(podName("web", undefined), { namespace: "default", pod: "web" });
  t.same(podName("web", "x"), { namespace: "x", pod: "web" });
  t.same(podName("x/web", undefined), { namespace: "x", pod: "web" });
  t.same(podName("x/web", "x"), { namespace: "x", pod: "web" });
  for (const wrong of ["", "a/b/c", "/a", "a/"]) t.throws(() => podName(wrong, undefined), UsageError, wrong);
  t.throws(() => podName("x/web", "y"), UsageError);
});

t.test("--since", async (t) => {
  t.same(sinceQuery(undefined), {});
  t.same(sinceQuery("5m"), { sinceSeconds: 300 });
  t.same(sinceQuery("2026-01-31T12:00:00.5+01:00"), { sinceTime: "2026-01-31T12:00:00.5+01:00" });
  t.throws(() => sinceQuery("yesterday"), UsageError);
});

t.test("the nearest word", async (t) => {
  t.equal(nearestWord("lgos", ["logs", "load"]), "logs");
  t.equal(nearestWord("imags", ["images", "ps"]), "images");
  t.equal(nearestWord("xyz", ["images", "ps"]), undefined);
});

t.test("every command explains itself", async (t) => {
  for (const [name, load] of Object.entries(COMMANDS)) {
    const loaded = await load();
    t.equal(loaded.name, name);
    t.match(loaded.summary, /^[a-z][^.]*$/, "a phrase without a full stop");
    if (loaded.rawArguments === true) continue;
    const text = helpText(loaded);
    t.match(text, `Usage: nodelet ${name}`);
    t.match(text, "--help");
    t.ok(
      text.split("\n").every((line) => line.length <= 150),
      `${name}: lines fit`,
    );
    const shorts = Object.values(loaded.options).flatMap(({ short }) => short ?? []);
    t.equal(new Set(shorts).size, shorts.length, `${name}: no letter twice`);
  }
});
