// Pulling an image of large layers from docker-registry on loopback, unpacked and durable: nodelet, containerd, skopeo with umoci.
//
//     node test/bench/pull.ts [--quick] [MEGABYTES a layer] [ROUNDS]      default 100 and 3
//
// Each round of each has directories of its own. The registry's files are in the page cache for all of them.

import { execFile, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { cpus, release, tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";

import { openImageStore } from "../../agent/images/image-store.ts";
import { openStore } from "../../agent/store/sqlite-store.ts";
import { createLinuxSystem } from "../../agent/system/linux.ts";
import type { Compression } from "../../scripts/lib/oci-layout.ts";
import { DebianRegistry } from "../fixtures/registry.ts";
import { makeLayers } from "./material.ts";

const run = promisify(execFile);
const MEGABYTE = 1_000_000;
const START_LIMIT_MS = 30_000;
const PULL_LIMIT_MS = 10 * 60_000;

const quick = process.argv.includes("--quick");
const numbers = process.argv.slice(2).filter((argument) => /^\d+$/.test(argument));
const perLayer = Number(numbers[0] ?? (quick ? 10 : 100)) * MEGABYTE;
const rounds = Number(numbers[1] ?? (quick ? 1 : 3));

interface Subject {
  readonly name: string;
  /** Why it cannot be measured with such layers here; undefined: it can. */
  cannot(compression: Compression): Promise<string | undefined>;
  /** Milliseconds of one pull into an empty directory. */
  pull(reference: string, directory: string): Promise<number>;
}

const nodelet: Subject = {
  name: "nodelet",
  cannot: () => Promise.resolve(undefined),
  async pull(reference, directory) {
    const system = createLinuxSystem();
    const store = await openStore(directory, { system });
    const images = openImageStore({ system, store, stateDir: directory });
    try {
      const begun = performance.now();
      await images.pull(reference);
      return performance.now() - begun;
    } finally {
      await images.close();
      await store.close();
    }
  },
};

const containerd: Subject = {
  name: "containerd",
  cannot: () => missing("containerd", "ctr"),
  async pull(reference, directory) {
    const address = join(directory, "containerd.sock");
    const config = join(directory, "config.toml");
    writeFileSync(config, 'version = 2\ndisabled_plugins = ["io.containerd.grpc.v1.cri"]\n');
    const paths = ["--root", join(directory, "root"), "--state", join(directory, "state"), "--address", address];
    const daemon = spawn("containerd", [...paths, "--config", config, "--log-level", "error"], { stdio: "ignore" });
    const ended = new Promise<void>((resolve) => daemon.once("exit", () => resolve()));
    try {
      const ctr = (...args: string[]): Promise<unknown> =>
        run("ctr", ["--address", address, ...args], { timeout: PULL_LIMIT_MS });
      for (const limit = Date.now() + START_LIMIT_MS; ; await sleep(50)) {
        if (
          await ctr("version").then(
            () => true,
            () => false,
          )
        )
          break;
        if (Date.now() > limit) throw new Error("containerd did not start");
      }
      const begun = performance.now();
      await ctr("images", "pull", "--plain-http", "--snapshotter", "overlayfs", reference);
      return performance.now() - begun;
    } finally {
      daemon.kill("SIGKILL");
      await ended;
    }
  },
};

const skopeo: Subject = {
  name: "skopeo + umoci",
  async cannot(compression) {
    return compression === "zstd" ? "umoci knows no zstd" : missing("skopeo", "umoci");
  },
  async pull(reference, directory) {
    const layout = join(directory, "layout");
    const begun = performance.now();
    await run(
      "skopeo",
      ["copy", "--quiet", "--insecure-policy", "--src-tls-verify=false", `docker://${reference}`, `oci:${layout}:1`],
      { timeout: PULL_LIMIT_MS },
    );
    await run("umoci", ["unpack", "--image", `${layout}:1`, join(directory, "bundle")], { timeout: PULL_LIMIT_MS });
    return performance.now() - begun;
  },
};

async function present(program: string): Promise<boolean> {
  return run("sh", ["-c", `command -v ${program}`]).then(
    () => true,
    () => false,
  );
}

async function missing(...programs: string[]): Promise<string | undefined> {
  for (const program of programs)
    if (!(await present(program))) return `there is no ${program}: scripts/setup.sh bench`;
  return undefined;
}

async function version(program: string, ...args: string[]): Promise<string> {
  return run(program, args).then(
    ({ stdout }) => /\d+\.\d+\.\d+\S*/.exec(stdout)?.[0] ?? "?",
    () => "absent",
  );
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;
}

async function measure(
  registry: DebianRegistry,
  base: string,
  what: string,
  count: number,
  compression: Compression,
): Promise<void> {
  const repository = `bench/${compression}-${count}`;
  const layers = makeLayers(count, perLayer, compression);
  const unpacked = layers.reduce(
    (sum, { tar }) => sum + tar.reduce((bytes, { content }) => bytes + (content?.length ?? 0), 0),
    0,
  );
  const image = await registry.push(repository, "1", { layers });
  const packed = image.layers.reduce((sum, { size }) => sum + size, 0);
  console.log(
    `\n${what}: ${Math.round(packed / MEGABYTE)} MB packed, ${Math.round(unpacked / MEGABYTE)} MB of content`,
  );
  const times = new Map<Subject, number[]>();
  const subjects: Subject[] = [];
  for (const subject of [nodelet, containerd, skopeo]) {
    const reason = await subject.cannot(compression);
    if (reason === undefined) subjects.push(subject);
    else console.log(`  ${subject.name}: not measured, ${reason}`);
  }
  // In turns, so that what the machine does meanwhile is fair to all.
  for (let round = 0; round < rounds; round++) {
    for (const subject of subjects) {
      const directory = join(base, `${repository.replace("/", "-")}-${round}-${subject.name.replaceAll(" ", "")}`);
      mkdirSync(directory, { recursive: true });
      await run("sync");
      const time = await subject.pull(`${registry.address}/${repository}:1`, directory);
      times.set(subject, [...(times.get(subject) ?? []), time]);
      rmSync(directory, { recursive: true, force: true });
    }
  }
  const anchor = median(times.get(containerd) ?? []);
  for (const [{ name }, values] of times) {
    const middle = median(values);
    const rate = Math.round(unpacked / MEGABYTE / (middle / 1000));
    const all = values.map((value) => `${Math.round(value)}`).join(", ");
    const ratio = Number.isNaN(anchor) ? "" : `  ${(middle / anchor).toFixed(2)} of containerd's time`;
    console.log(`  ${name.padEnd(16)} ${String(Math.round(middle)).padStart(6)} ms (${all})  ${rate} MB/s${ratio}`);
  }
}

const base = mkdtempSync(join(tmpdir(), "nodelet-pull-"));
try {
  const inflate = (await present("unpigz"))
    ? "unpigz"
    : (await present("igzip"))
      ? "igzip, where it knows it"
      : "Go's own";
  console.log(`Linux ${release()}, ${cpus().length} x ${cpus()[0]?.model ?? "?"}; ${rounds} rounds, the median`);
  console.log(
    `nodelet: Node.js ${process.version}, zlib ${process.versions.zlib}, zstd ${process.versions["zstd"] ?? "?"}`,
  );
  console.log(`containerd ${await version("containerd", "--version")}: gzip by ${inflate}, zstd by Go's own`);
  console.log(
    `skopeo ${await version("skopeo", "--version")}, umoci ${await version("umoci", "--version")}: gzip by Go's pgzip`,
  );
  await using registry = await DebianRegistry.start(join(base, "registry"));
  await measure(registry, base, "four gzip layers", 4, "gzip");
  await measure(registry, base, "one gzip layer", 1, "gzip");
  await measure(registry, base, "four zstd layers", 4, "zstd");
} finally {
  rmSync(base, { recursive: true, force: true });
}
