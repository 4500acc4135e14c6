// Runs critest against `nodelet cri`, on a host of its own: critest.ts starts this. The request is the first argument, as JSON.
// Exit code 0: nothing unexpected, and nothing left behind.

import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  closeSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { describeError } from "../../../agent/base/errors.ts";
import { findHierarchy } from "../../../agent/system/cgroupfs.ts";
import { TestCri } from "../../fixtures/cri-daemon.ts";
import { ownProcesses, settledDifference, takePicture, type PictureKind } from "../../fixtures/picture.ts";
import { CRITEST, judge, unexpected } from "../expectations.ts";
import { Registry, writeMirrors } from "../images/serve.ts";
import { readJunit } from "../junit.ts";
import { counts, isSpec, reportText } from "../report.ts";
import { TOOLS_DIR } from "../tools/build.ts";
import { killAndLook } from "./kills.ts";
import { networkFlags } from "./network.ts";
import { runName, type CritestRequest } from "./request.ts";

const request = JSON.parse(process.argv[2] ?? "") as CritestRequest;
const name = runName(request);
mkdirSync(request.reports, { recursive: true });
const report = join(request.reports, name);
for (const suffix of [".md", ".xml", ".log", ".daemon.log"]) rmSync(report + suffix, { force: true });

/** Of the version that is pinned; those that are not selected are in its report too. */
const SPECS = 122;

const SUITE_LIMIT_MS = 20 * 60_000;

async function runCritest(socket: string): Promise<number | null> {
  const log = openSync(`${report}.log`, "w");
  // critest leaves its temporary directories.
  const temporary = mkdtempSync(join(tmpdir(), "nodelet-critest-"));
  const child = spawn(
    join(TOOLS_DIR, "critest"),
    [
      `-runtime-endpoint=unix://${socket}`,
      `-image-endpoint=unix://${socket}`,
      ...(request.procs > 1 ? [`-parallel=${request.procs}`] : []),
      `-ginkgo.junit-report=${report}.xml`,
      "-ginkgo.no-color",
      "-ginkgo.v",
      ...(request.focus === "" ? [] : [`-ginkgo.focus=${request.focus}`]),
    ],
    {
      stdio: ["ignore", log, log],
      env: { ...process.env, TMPDIR: temporary, PATH: `${TOOLS_DIR}:${process.env["PATH"] ?? ""}` },
      timeout: SUITE_LIMIT_MS,
      killSignal: "SIGKILL",
    },
  );
  const [code] = (await once(child, "exit")) as [number | null];
  closeSync(log);
  rmSync(temporary, { recursive: true, force: true });
  return code;
}

const AGAIN_MS = 200;

/** The bridge plugin leaves its bridge, portmap its chains. */
const KEPT_BY_PLUGINS: readonly PictureKind[] = ["links", "addresses and routes", "iptables", "nftables"];

/** None that critest removes. */
const WITNESS_IMAGE = "registry.k8s.io/e2e-test-images/httpd:2.4.39-4";

function seededRandom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return state / 0x80000000;
  };
}

/** Specs fail at each kill and the suite ends soon: it is run again until the last kill. */
async function runThroughKills(daemon: TestCri): Promise<number | null> {
  const random = seededRandom(request.seed);
  let ended = false;
  const killing = killAndLook(daemon, { kills: request.kills, random, image: WITNESS_IMAGE })
    .catch((error: unknown) => [`between the kills: ${describeError(error)}`])
    .finally(() => {
      ended = true;
    });
  let code = await runCritest(daemon.socket);
  while (!ended) {
    await sleep(AGAIN_MS);
    code = await runCritest(daemon.socket);
  }
  problems.push(...(await killing));
  return code;
}

const problems: string[] = [];
let left: readonly unknown[] = [];
const began = performance.now();
const storage = "/run/registry";
{
  await using _registry = await Registry.start({ directory: storage, port: 5000, images: request.images });
  const certs = "/run/certs.d";
  writeMirrors(certs, "127.0.0.1:5000");
  const picture = { ...ownProcesses, without: request.network === "bridge-plugin" ? KEPT_BY_PLUGINS : [] };
  const before = await takePicture(picture);
  {
    await using daemon = new TestCri(0, [`--registry-config-path=${certs}`, ...networkFlags(request.network)]);
    await daemon.start();
    const code = request.kills > 0 ? await runThroughKills(daemon) : await runCritest(daemon.socket);
    copyFileSync(join(daemon.directory, "daemon.log"), `${report}.daemon.log`);
    if (!daemon.running) problems.push("the daemon ended by itself");
    if (!existsSync(`${report}.xml`)) problems.push(`critest ended with ${code} and without a report`);
  }
  left = await settledDifference(before, picture);
}

const controllers = findHierarchy()?.controllers ?? [];
const specs = existsSync(`${report}.xml`) ? readJunit(readFileSync(`${report}.xml`, "utf8")) : [];
const selected = specs.filter(
  ({ outcome, message }) => outcome !== "skipped" || request.focus === "" || message !== "",
);
const verdicts = judge(selected, CRITEST, { controllers: [...controllers] });
const seconds = (performance.now() - began) / 1_000;
writeFileSync(`${report}.md`, reportText({ title: name, seconds, verdicts }));
// Specs fail when the daemon is killed under them.
for (const { name: spec, outcome, message } of request.kills > 0 ? [] : unexpected(verdicts))
  problems.push(`${outcome}: ${spec}${message === "" ? "" : `: ${message.split("\n", 1)[0]}`}`);
// A suite that ends early must not look like one that passed.
const count = specs.filter(({ name: spec }) => isSpec(spec)).length;
if (request.kills === 0 && count !== SPECS) problems.push(`there are ${count} specs in the report, not ${SPECS}`);
for (const difference of left) problems.push(`left: ${JSON.stringify(difference)}`);
const { passed, failed, skipped } = counts(verdicts);
console.log(
  `# ${name}: ${passed} passed, ${failed} failed, ${skipped} skipped, ${Math.round(seconds)} s; ${report}.md`,
);
for (const problem of problems) console.log(`# ${problem}`);
process.exit(problems.length === 0 ? 0 : 1);
