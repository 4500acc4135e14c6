// Queries for logs of the host's services: a journal that tells how it was asked, and files.
// time limit: 180 s

import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

import t from "tap";

import { TestAgent } from "../../fixtures/agent.ts";
import { freePorts } from "../../fixtures/control-plane.ts";
import { setting } from "../../fixtures/settings.ts";

const run = promisify(execFile);
const directory = mkdtempSync(join(tmpdir(), "nodelet-log-query-"));
t.teardown(() => rmSync(directory, { recursive: true, force: true }));
writeFileSync(
  join(directory, "journalctl"),
  `#!/bin/sh
if [ "$1" = --field ]; then printf 'ssh.service\\nkubelet.service\\n'; exit; fi
for one; do echo "<$one>"; done
`,
);
chmodSync(join(directory, "journalctl"), 0o755);
process.env["PATH"] = `${directory}${delimiter}${process.env["PATH"]}`;

const [port = 0] = await freePorts(1);
const file = join(directory, "kubelet.json");
writeFileSync(
  file,
  JSON.stringify({
    apiVersion: "kubelet.config.k8s.io/v1beta1",
    kind: "KubeletConfiguration",
    imageGCHighThresholdPercent: 100,
    enableSystemLogQuery: true,
    port,
    authentication: { anonymous: { enabled: true } },
    authorization: { mode: "AlwaysAllow" },
  }),
);
const agent = await TestAgent.create(48, [`--config=${file}`]);
t.teardown(() => agent[Symbol.asyncDispose]());
await agent.start();

const ask = async (query: string, path = ""): Promise<{ status: number; body: string }> => {
  const url = `https://127.0.0.1:${port}/logs/${path}${query}`;
  const { stdout } = await run("curl", [
    "--silent",
    "--insecure",
    "--path-as-is",
    "--write-out",
    "\n%{http_code}",
    url,
  ]);
  const end = stdout.lastIndexOf("\n");
  return { status: Number(stdout.slice(end + 1)), body: stdout.slice(0, end) };
};
const lines = (...args: readonly string[]): string => args.map((arg) => `<${arg}>\n`).join("");
const always = ["--utc", "--no-pager", "--output=short-precise"];

setting(
  t,
  "enableSystemLogQuery",
  "the journal is asked for services that it knows, else their files are shown",
  async (t) => {
    t.match(await ask("?query=kubelet"), { status: 200, body: lines(...always, "--unit=kubelet") });
    const options =
      "sinceTime=2026-01-31T13:00:00%2B01:00&untilTime=2026-02-01T00:00:00Z&tailLines=5&pattern=a%20b%24&boot=-1";
    t.match(await ask(`?query=kubelet&query=ssh&${options}`), {
      status: 200,
      body: lines(
        ...always,
        "--since=2026-01-31 12:00:00 UTC",
        "--until=2026-02-01 00:00:00 UTC",
        "--pager-end",
        "--lines=5",
        "--grep=a b$",
        "--boot=-1",
        "--unit=kubelet",
        "--unit=ssh",
      ),
    });

    const name = `nodelet-test-${process.pid}`;
    const logs = join("/var/log", name);
    mkdirSync(logs);
    t.teardown(() => rmSync(logs, { recursive: true }));
    writeFileSync(join(logs, `${name}.log`), "of the service\n");
    t.match(await ask(`?query=${name}`), { status: 200, body: "of the service\n" });
    t.match(await ask(`?query=${name}&tailLines=1`), { status: 200, body: /no options/ });
    t.match(await ask(`?query=/${name}/${name}.log`), { status: 200, body: "of the service\n" });
    t.match(await ask("?query=nodelet-none"), { status: 200, body: /log not found for nodelet-none/ });
    t.match(
      await ask("", `${name}/${name}.log`),
      { status: 200, body: "of the service\n" },
      "without a query as before",
    );
  },
);

t.test("what leads elsewhere, and what cannot be, is refused", async (t) => {
  for (const query of [
    "?query=",
    "?query=%20",
    "?tailLines=5",
    "?query=-f",
    "?query=a%20b",
    "?query=a&query=/b",
    "?query=/a&query=/b",
    "?query=/a&tailLines=1",
    "?query=a&query=b&query=c&query=d&query=e",
    "?query=a&tailLines=100001",
    "?query=a&boot=1",
    "?query=a&sinceTime=yesterday",
    "?query=a&sinceTime=2026-02-01T00:00:00Z&untilTime=2026-01-01T00:00:00Z",
    "?query=/../../etc/passwd",
    `?query=${"a".repeat(257)}`,
  ])
    t.match(await ask(query), { status: 400 }, query);
  t.match(await ask("?query=ssh", "dpkg.log"), { status: 400 });
  t.match(await ask("?query=/none"), { status: 404 });
  const link = `/var/log/nodelet-link-${process.pid}`;
  symlinkSync("/etc/passwd", link);
  t.teardown(() => rmSync(link));
  t.match(await ask(`?query=/nodelet-link-${process.pid}`), { status: 403 });
});
