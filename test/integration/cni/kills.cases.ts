// Run by kills.test.ts, on a host of its own: what owns the network is killed at any moment, and in the end no address, link, rule, record
// or namespace is left. NODELET_CNI_PODS pods, killed about every NODELET_CNI_KILL_MS.
import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import t from "tap";
import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { countOf, seeded, seedOf } from "../../fixtures/soak.ts";
import { DEBIAN_PLUGINS, OwnCni } from "./own-cni.ts";
import { addNetns, attachment, deleteNetns, sh } from "./own-host.ts";

const PODS = countOf("NODELET_CNI_PODS", { short: 25, soak: 500 });
const KILL_MS = countOf("NODELET_CNI_KILL_MS", { short: 1_500, soak: 4_000 });
const SEED = seedOf("NODELET_SEED");
const random = seeded(SEED);

t.setTimeout(1_490_000);

await t.test("pods up and down, with kills in between", async (t) => {
  t.comment(`${PODS} pods, seed ${SEED}`);
  using cni = new OwnCni();
  const ipamDir = join(cni.directory, "ipam");
  cni.configure("10-net.conflist", {
    cniVersion: "1.0.0",
    name: "net",
    plugins: [
      {
        type: "bridge",
        bridge: "cnikill0",
        isGateway: true,
        ipMasq: true,
        ipam: { type: "host-local", dataDir: ipamDir, subnet: "10.79.0.0/16" },
      },
      { type: "portmap", capabilities: { portMappings: true } },
    ],
  });
  const directory = mkdtempSync(join(tmpdir(), "cnikill-"));
  // A bridge's IPv6 addresses and the carrier that it loses with its last port take their time.
  await sh("echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6");
  // Chains and a bridge that the plugins make once and leave.
  await addNetns("first");
  const first = await cni.open();
  await first.attach(attachment("first", "tcp 19999:80"));
  await first.detach("sandbox-first");
  await first.close();
  await deleteNetns("first");
  while (!(await sh("ip route")).includes("linkdown")) await sleep(50);
  // Cgroups are the whole machine's: a name that no other run of this test has.
  const name = `ck${randomBytes(3).toString("hex")}`;
  const options: PictureOptions = { ...ownProcesses, without: ["files"], cgroupsUnder: `nodelet-${name}` };
  const before = await takePicture(options);

  const args = [join(import.meta.dirname, "pods-churn.ts"), name, directory, cni.confDir, cni.cacheDir, DEBIAN_PLUGINS];
  let gone = 0;
  let kills = 0;
  const run = async (count: number, killAfterMs: number | undefined): Promise<number | null> => {
    const child = spawn(process.execPath, [...args, String(count)], { stdio: ["ignore", "pipe", "inherit"] });
    createInterface({ input: child.stdout }).on("line", () => gone++);
    const exited = once(child, "exit") as Promise<[number | null]>;
    let killer: NodeJS.Timeout | undefined;
    const arm = (): void => {
      if (killAfterMs !== undefined) killer ??= setTimeout(() => child.kill("SIGKILL"), killAfterMs);
    };
    // Every other one from the first pod on, so that there is progress; the others also while it starts.
    if (kills % 2 === 0) child.stdout.once("data", arm);
    else arm();
    const [code] = await exited;
    clearTimeout(killer);
    return code;
  };
  while (gone < PODS) {
    const code = await run(PODS - gone, random(KILL_MS));
    if (code === null) kills++;
    else t.equal(code, 0, "it ends by itself when all pods are gone");
    if (code !== null && code !== 0) break;
  }
  t.ok(kills > 0, `killed ${kills} times`);
  t.equal(await run(0, undefined), 0, "what is left is removed");
  t.comment(`${gone} pods have come and gone, ${kills} kills`);

  t.same(cni.cached(), [], "records");
  t.same(
    readdirSync(join(ipamDir, "net")).filter((name) => name.startsWith("10.")),
    [],
    "addresses",
  );
  t.same(await settledDifference(before, options), [], "everything else");
  rmSync(directory, { recursive: true, force: true });
});
