// Two processes never have one directory, and a dead one leaves nothing locked.

import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "tap";
import { lockDirectory } from "../../../agent/store/directory-lock.ts";
import { openStore } from "../../../agent/store/sqlite-store.ts";
import { createLinuxSystem } from "../../../agent/system/linux.ts";

const system = createLinuxSystem();
const base = mkdtempSync(join(tmpdir(), "nodelet-lock-"));
after(() => rmSync(base, { recursive: true, force: true }));

test("a directory that another process has", async (t) => {
  const program = `
    import { openStore } from ${JSON.stringify(resolve("agent/store/sqlite-store.ts"))};
    import { createLinuxSystem } from ${JSON.stringify(resolve("agent/system/linux.ts"))};
    const store = await openStore(process.argv[1], { system: createLinuxSystem() });
    const table = store.table("items", { version: 1 });
    for (let n = 0; ; n++) { await table.put("n", { n }); console.log(n); }
  `;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", program, base], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  let seen = -1;
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    for (const line of text.split("\n").slice(0, -1)) seen = Number(line);
  });
  await once(child.stdout, "data");
  await t.rejects(openStore(base, { system }), {
    code: "conflict",
    message: new RegExp(`process ${child.pid}`),
    where: base,
  });
  const exit = once(child, "exit");
  child.kill("SIGKILL");
  await exit;
  await new Promise((done) => setImmediate(done));
  const known = seen;

  // What the killed process was told to be written is there.
  const store = await openStore(base, { system });
  const n = store.table<{ n: number }>("items", { version: 1 }).get("n")?.n ?? -1;
  t.ok(n >= known, `${n} on disk, ${known} acknowledged`);
  await store.close();
});

test("the lock itself", async (t) => {
  const first = await lockDirectory(system, base);
  t.equal(readFileSync(first.path, "latin1"), `${process.pid}\n`);
  await t.rejects(lockDirectory(system, base, "--run-dir"), { code: "conflict", fix: /--run-dir/ });
  writeFileSync(first.path, "rubbish");
  await t.rejects(lockDirectory(system, base), { message: /another process/ });
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  (await lockDirectory(system, base))[Symbol.dispose]();
});

test("a child of a holder that was killed has the lock for a moment", async (t) => {
  const path = join(base, "lock");
  const ended = spawn("true");
  await once(ended, "exit");
  const child = spawn("flock", [path, "sh", "-c", "echo locked; exec sleep 0.5"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  t.teardown(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  writeFileSync(path, `${ended.pid}\n`);
  (await lockDirectory(system, base))[Symbol.dispose]();
  t.equal(readFileSync(path, "latin1"), `${process.pid}\n`);
});
