import { test } from "tap";

import type { Field } from "../../../agent/config/kubelet/field.ts";
import { document, table } from "../../../scripts/kubelet-configuration.ts";
import { registrations } from "../../../scripts/pod-fields.ts";

const fields: Readonly<Record<string, Field>> = {
  port: { shape: { type: "int", min: 0, max: 9 }, help: "a port", default: 1, flag: "port" },
  runOnce: { shape: { type: "bool" }, help: "once", without: "effect" },
};

test("a field has an effect and a test of it, or neither", async (t) => {
  const of = (source: string): ReturnType<typeof table> =>
    table(fields, registrations(source, "test/unit/x.test.ts", "setting"));
  const { rows, problems } = of('setting(t, "port", "is listened on", async () => {});');
  t.same(problems, []);
  const text = document(rows);
  t.match(text, "1 of 2 fields have an effect");
  t.match(text, "| `port` | `--port` | `1` | a port | is listened on | unit/x.test.ts |");
  t.match(text, "| `runOnce` |  |  | once | no effect yet |  |");
  t.match(of("").problems, [/^port: no test shows its effect/]);
  t.match(of('setting(t, ["port", "runOnce"], "x", f)').problems, [/^runOnce: .*x\.test\.ts shows its effect/]);
  t.match(of('setting(t, ["port", "prot"], "x", f)').problems, [/^prot: no such field/]);
});
