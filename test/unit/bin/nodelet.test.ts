import { spawnSync } from "node:child_process";
import {
  chmodSync,
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test, type Test } from "tap";
import { packageRoot } from "../../../agent/base/paths.ts";

/** An installed tree whose Node.js prints its arguments, a line each. */
function install(t: Test, options: { node?: boolean; files?: string[] } = {}): string {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "nodelet launcher ")));
  t.teardown(() => rmSync(root, { recursive: true, force: true }));
  mkdirSync(join(root, "bin"));
  copyFileSync(join(packageRoot(), "bin/nodelet"), join(root, "bin/nodelet"));
  if (options.node !== false) {
    const dir = join(root, `node_modules/node-linux-${process.arch}/bin`);
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, "node"), '#!/bin/sh\nfor a in "$@"; do echo "$a"; done\n');
    chmodSync(join(dir, "node"), 0o755);
  }
  for (const file of options.files ?? ["dist/nodelet.js", "agent/main.ts"]) {
    mkdirSync(join(root, file, ".."), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  return root;
}

function start(
  program: string,
  args: string[],
  env: Record<string, string> = {},
): { out: string[]; err: string; code: number | null } {
  // A cache directory of its own: as root the launcher would make the machine's.
  const result = spawnSync(program, args, {
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin", NODE_COMPILE_CACHE: "/nonexistent", ...env },
  });
  const lines = result.stdout.split("\n").slice(0, -1);
  return {
    out: lines.filter((line) => !/^--(max|initial|heap|disable)-/.test(line)),
    err: result.stderr,
    code: result.status,
  };
}

test("starts the bundle on the Node.js beside it, arguments untouched", async (t) => {
  const root = install(t);
  t.same(start(join(root, "bin/nodelet"), ["logs", "a b", "", "*"]).out, [
    join(root, "dist/nodelet.js"),
    "logs",
    "a b",
    "",
    "*",
  ]);
});

test("finds its own files through a chain of symbolic links, relative ones too", async (t) => {
  const root = install(t);
  mkdirSync(join(root, "elsewhere"));
  symlinkSync("../bin/nodelet", join(root, "elsewhere/first"));
  symlinkSync(join(root, "elsewhere/first"), join(root, "elsewhere/second"));
  t.same(start(join(root, "elsewhere/second"), ["pods"]).out, [join(root, "dist/nodelet.js"), "pods"]);
});

test("called as kubelet it is `nodelet agent`", async (t) => {
  const root = install(t);
  symlinkSync("nodelet", join(root, "bin/kubelet"));
  const wanted = [join(root, "dist/nodelet.js"), "agent", "--v=2"];
  t.same(start(join(root, "bin/kubelet"), ["--v=2"]).out, wanted);
  t.same(start("sh", ["-c", "kubelet --v=2"], { PATH: `${join(root, "bin")}:/usr/bin:/bin` }).out, wanted);
});

test("without a bundle, or when asked to, it runs the sources", async (t) => {
  const bare = install(t, { files: ["agent/main.ts"] });
  t.same(start(join(bare, "bin/nodelet"), []).out, [join(bare, "agent/main.ts")]);
  const both = install(t);
  t.same(start(join(both, "bin/nodelet"), [], { NODELET_FROM_SOURCE: "1" }).out, [join(both, "agent/main.ts")]);
});

test("says what to do when there is nothing to run, or no Node.js to run it on", async (t) => {
  const empty = start(join(install(t, { files: [] }), "bin/nodelet"), []);
  t.equal(empty.code, 127);
  t.match(empty.err, /make build/);

  const root = install(t, { node: false });
  const old = join(root, "old");
  mkdirSync(old);
  writeFileSync(join(old, "node"), "#!/bin/sh\necho 20\n");
  chmodSync(join(old, "node"), 0o755);
  const refused = start(join(root, "bin/nodelet"), [], { PATH: `${old}:/usr/bin:/bin` });
  t.equal(refused.code, 127);
  t.match(refused.err, /needs Node\.js 24 or later, and .*old\/node is version 20.*npm ci/);

  writeFileSync(
    join(old, "node"),
    '#!/bin/sh\n[ "$1" != -p ] || { echo 24; exit; }\nfor a in "$@"; do echo "$a"; done\n',
  );
  t.same(start(join(root, "bin/nodelet"), ["ps"], { PATH: `${old}:/usr/bin:/bin` }).out, [
    join(root, "dist/nodelet.js"),
    "ps",
  ]);
});
