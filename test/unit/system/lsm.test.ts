import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import t, { type Test } from "tap";

import { readHostFacts } from "../../../agent/runtime/host-facts.ts";
import { FakeSystem } from "../../../agent/system/fake.ts";
import { enabledLsms } from "../../../agent/system/lsm.ts";

const APPARMOR = "module/apparmor/parameters/enabled";
const SELINUX = "fs/selinux/enforce";

function sysWith(t: Test, files: Record<string, string>): string {
  const sys = t.testdir({});
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(sys, path)), { recursive: true });
    writeFileSync(join(sys, path), text);
  }
  return sys;
}

for (const [files, expected] of [
  [{}, { apparmor: false, selinux: false }],
  [{ [APPARMOR]: "Y\n" }, { apparmor: true, selinux: false }],
  [{ [APPARMOR]: "N\n" }, { apparmor: false, selinux: false }],
  [{ [SELINUX]: "0" }, { apparmor: false, selinux: true }],
] as const) {
  t.test(`modules with ${JSON.stringify(files)}`, async (t) => {
    const sys = sysWith(t, files);
    t.strictSame(enabledLsms(sys), expected);
    const system = new FakeSystem();
    system.answer("capabilities", () => ({ last: 40, bounding: 0n, permitted: 0n, effective: 0n }));
    t.match(readHostFacts(system.system, sys).kernel, expected, "the runtime's facts say the same");
  });
}
