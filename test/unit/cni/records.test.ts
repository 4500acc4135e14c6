import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { isLinkName, linkName, linkPrefix, macOf, checkSandboxId } from "../../../cni/names.ts";
import { Records } from "../../../cni/records.ts";

const record = {
  sandboxId: "abc",
  podNamespace: "default",
  podName: "web",
  netns: "/run/netns/abc",
  address: "10.1.0.2",
  portMappings: [{ protocol: "tcp" as const, containerPort: 80, hostPort: 8080, hostIp: "" }],
};

void t.test("records outlive the daemon", async (t) => {
  const directory = t.testdir();
  const records = Records.open(directory);
  records.intend(record);
  t.same(Records.open(directory).get("abc"), { ...record, complete: false });
  records.complete("abc");
  records.complete("abc");
  t.same(Records.open(directory).all(), [{ ...record, complete: true }]);
  records.remove("abc");
  records.remove("abc");
  t.equal(Records.open(directory).size, 0);
  t.same(readdirSync(join(directory, "sandboxes")), []);
});

void t.test("an intent that was cut off still names its sandbox", async (t) => {
  for (const text of [
    "",
    '{"version":1,"sandboxId":"ab',
    "null",
    '{"version":2}',
    '{"version":1,"sandboxId":"other"}',
  ]) {
    const directory = t.testdir({ sandboxes: { "abc.intent": text } });
    const records = Records.open(directory);
    t.equal(records.get("abc")?.complete, false);
    t.equal(records.get("abc")?.address, undefined);
    records.remove("abc");
    t.same(readdirSync(join(directory, "sandboxes")), []);
  }
});

void t.test("a record that cannot be read is not passed over", async (t) => {
  const directory = t.testdir({ sandboxes: { "abc.json": "{}" } });
  t.throws(() => Records.open(directory), { code: "internal", where: join(directory, "sandboxes", "abc.json") });
});

void t.test("foreign files are left alone", async (t) => {
  const directory = t.testdir({ sandboxes: { README: "x", "abc.tmp": "y" } });
  t.equal(Records.open(directory).size, 0);
  t.equal(readdirSync(join(directory, "sandboxes")).length, 2);
});

void t.test("the cursor never falls back behind an address that was handed out", async (t) => {
  const directory = t.testdir();
  const records = Records.open(directory);
  t.equal(records.readCursor(), 0);
  for (let cursor = 3; cursor < 500; cursor++) {
    records.keepCursor(cursor);
    const kept = Records.open(directory).readCursor();
    if (kept < cursor || kept > cursor + 64) t.fail(`${kept} for ${cursor}`);
  }
  records.keepCursor(2);
  t.equal(records.readCursor(), 66, "after the last address comes the first");
  writeFileSync(join(directory, "cursor"), "rubbish");
  t.equal(records.readCursor(), 0);
});

void t.test("names", async (t) => {
  const name = linkName("nodelet0", "abc");
  t.match(name, /^nd[0-9a-z]{13}$/);
  t.equal(name, linkName("nodelet0", "abc"));
  t.not(name, linkName("nodelet0", "abd"));
  t.not(linkPrefix("nodelet0"), linkPrefix("nodelet1"));
  t.ok(isLinkName("nodelet0", name));
  t.notOk(isLinkName("nodelet1", name));
  t.notOk(isLinkName("nodelet0", "nodelet0"));
  t.equal(macOf(0x0ad50002), "0a:6e:0a:d5:00:02");
  t.doesNotThrow(() => checkSandboxId("0a1b-2.c_d"));
  for (const id of ["", ".", "..", "a/b", ".hidden", "a\n", "a".repeat(129), "../etc"]) {
    t.throws(() => checkSandboxId(id), { code: "invalid" }, JSON.stringify(id));
  }
});
