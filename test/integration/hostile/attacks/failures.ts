// Attacks by making things fail or never end: each step of a set-up, layers that unpack to more than they say.

import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

import { describeError } from "../../../../agent/base/errors.ts";
import { NamespaceMode } from "../../../../agent/cri/runtime.ts";
import { openImageStore } from "../../../../agent/images/image-store.ts";
import { awaitFrame, endShim, PlanError, sendPlan, startShim } from "../../../../agent/runtime/launch.ts";
import { compileContainerPlan, SHIM_SOCKET } from "../../../../agent/runtime/plan/container-plan.ts";
import { FrameType } from "../../../../agent/runtime/plan/frames.ts";
import type { Step } from "../../../../agent/runtime/plan/operations.ts";
import { openStore } from "../../../../agent/store/sqlite-store.ts";
import { writeOciLayout } from "../../../../scripts/lib/oci-layout.ts";
import { buildTar, type TarEntry } from "../../../../scripts/lib/tar.ts";
import { countOf } from "../../../fixtures/soak.ts";
import { Harness } from "../../runtime/harness.ts";
import type { Attack } from "../attack.ts";
import type { Host } from "../host.ts";

/** One in so many steps is made to fail. */
const STRIDE = countOf("NODELET_STEP_STRIDE", { short: 5, soak: 1 });

/** Processes of shims, this host's own tests' among them. */
const shims = (): number =>
  readdirSync("/proc").filter((pid) => {
    try {
      return /^[0-9]+$/.test(pid) && readFileSync(`/proc/${pid}/comm`, "utf8") === "nodelet-shim\n";
    } catch {
      return false;
    }
  }).length;

/** Sets up a container of which one step fails, at each of the places in turn; at none for the twin. */
async function failing(places: (steps: number) => readonly number[]): Promise<string> {
  const harness = new Harness();
  try {
    const pod = await harness.pod();
    const before = shims();
    const spec = harness.spec(pod, {
      metadata: { name: "c" },
      command: ["/bin/echo", "it ran"],
      linux: {
        securityContext: {
          namespaceOptions: { pid: NamespaceMode.CONTAINER },
          maskedPaths: ["/proc/version"],
          readonlyPaths: ["/proc/sys"],
        },
      },
    });
    const count = compileContainerPlan(harness.plan(spec, harness.snapshot())).steps.length;
    let ran = 0;
    let failed = 0;
    for (const at of places(count)) {
      const input = harness.plan(spec, harness.snapshot());
      const steps: Step[] = [...compileContainerPlan(input).steps];
      if (at < steps.length)
        steps.splice(at, 0, { op: "close", actor: steps[at]!.actor, args: { reg: 255 }, cause: "" });
      const plan = { steps };
      const shim = startShim(harness.system, undefined);
      try {
        sendPlan(shim, plan);
        await awaitFrame(shim.connection, plan, FrameType.READY);
        shim.connection.send(FrameType.COMMIT);
        await awaitFrame(shim.connection, plan, FrameType.STARTED);
        await awaitFrame(shim.connection, plan, FrameType.EXITED);
      } catch (error) {
        if (!(error instanceof PlanError)) return describeError(error);
        failed += 1;
        if (existsSync(join(input.exitDir, SHIM_SOCKET))) return `step ${at} leaves a socket`;
      } finally {
        endShim(harness.system, shim);
      }
      if (existsSync(input.logPath) && readFileSync(input.logPath, "utf8").includes("it ran")) ran += 1;
    }
    for (let tries = 0; tries < 200 && shims() > before; tries++)
      await new Promise((resolve) => setTimeout(resolve, 50));
    return `${failed > 0 ? "failed" : "none failed"}, ${ran > 0 ? "ran" : "nothing ran"}, ${shims() > before ? "shims are left" : "no shim is left"}`;
  } finally {
    harness.remove();
  }
}

async function load(host: Host, tar: readonly TarEntry[] | Buffer): Promise<string> {
  const stateDir = host.make("layers");
  const store = await openStore(stateDir, { system: host.system });
  const limits = { ratioFrom: 2_000_000, maxRatio: 100, maxBytes: 20_000_000, maxEntries: 500, maxInodes: 400 };
  const images = openImageStore({ system: host.system, store, stateDir, limits });
  try {
    const layout = join(stateDir, "layout");
    await writeOciLayout(layout, { ref: "a/b:1", layers: [{ tar }] });
    await images.load(layout);
    return "loaded";
  } catch (error) {
    return describeError(error);
  } finally {
    await images.close();
    await store.close();
  }
}

const whole = buildTar([{ name: "f", content: "x".repeat(100_000) }]);

export const attacks: readonly Attack[] = [
  {
    name: "each step of a container's set-up fails in turn",
    rows: ["suite 13"],
    attack: () => failing((steps) => Array.from({ length: Math.ceil(steps / STRIDE) }, (_, index) => index * STRIDE)),
    twin: () => failing((steps) => [steps]),
    held: /^failed, nothing ran, no shim is left$/,
    works: /^none failed, ran, no shim is left$/,
    without: [
      [
        "native/shim/run.c",
        "if (rc < 0 && !tolerated(step, -rc)) {",
        "if (rc < 0 && step->code != OP_CLOSE && !tolerated(step, -rc)) {",
      ],
    ],
    fallen: /, ran, /,
  },
  {
    name: "a layer that unpacks to hundreds of times its size",
    rows: ["suite 9"],
    attack: (host) => load(host, [{ name: "f", content: "\0".repeat(8_000_000) }]),
    twin: (host) => load(host, [{ name: "f", content: "\0".repeat(1_500_000) }]),
    held: /a decompression bomb/,
    works: /^loaded$/,
    without: [["agent/images/decompress.ts", "if (produced > ratioFrom && ", "if (produced < 0 && "]],
    fallen: /^loaded$/,
  },
  {
    name: "a layer with more files than an image may have",
    rows: ["suite 9"],
    attack: (host) =>
      load(
        host,
        Array.from({ length: 450 }, (_, index) => ({ name: `f${index}` })),
      ),
    twin: (host) =>
      load(
        host,
        Array.from({ length: 350 }, (_, index) => ({ name: `f${index}` })),
      ),
    held: /more than 400/,
    works: /^loaded$/,
    without: [["agent/images/layer-writer.ts", "++this.#inodes > this.#limits.maxInodes", "++this.#inodes < 0"]],
    fallen: /^loaded$/,
  },
  {
    name: "a layer that is cut off",
    rows: ["suite 9"],
    attack: (host) => load(host, whole.subarray(0, 60_000)),
    twin: (host) => load(host, whole),
    held: /ends|truncated|cut/,
    works: /^loaded$/,
    without: [
      [
        "agent/images/tar.ts",
        'this.#fail(this.#name === "" ? "the archive ends inside a header" : "the archive ends in the middle of this entry");',
        "",
      ],
    ],
    fallen: /^loaded$/,
  },
];
