// What attacks work with: a runtime, images made for them, and a place on the host that must stay as it is.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeError } from "../../../agent/base/errors.ts";
import type { ContainerConfig, PodSandboxConfig } from "../../../agent/cri/runtime.ts";
import { busyboxImage } from "../../../scripts/busybox-image.ts";
import { type ImageProcess, writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import type { TarEntry } from "../../../scripts/lib/tar.ts";
import { containerConfig, sandboxConfig, startRuntime, type TestRuntime, untilExited } from "../../fixtures/runtime.ts";

/** What came of a container that was to run to its end. */
export interface Ran {
  /** Empty: it ran. */
  readonly refused: string;
  readonly exitCode: number;
  /** Of both streams, without the heads of log lines. */
  readonly output: string;
  readonly containerId: string;
  readonly podSandboxId: string;
}

export interface RunOptions {
  readonly image?: string;
  readonly container?: Partial<ContainerConfig>;
  readonly sandbox?: Partial<PodSandboxConfig>;
  /** Of a sandbox that is there. */
  readonly podSandboxId?: string;
}

export interface Host extends TestRuntime {
  /** On the host, with one file `victim` that says "untouched". */
  readonly outside: string;
  /** The program of hostile.c, for the host itself. */
  program(): string;
  /** "untouched", or what has changed of it. */
  touched(): string;
  /** A new directory. */
  make(name: string): string;
  /** Makes an image of busybox, the program `hostile` and these entries; gives its reference. */
  image(entries: readonly TarEntry[], config?: ImageProcess): Promise<string>;
  /** A new sandbox with a container in it, started; `refused` tells why not. */
  start(command: readonly string[], options?: RunOptions): Promise<Ran>;
  /** As start, and waits for its end. */
  run(command: readonly string[], options?: RunOptions): Promise<Ran>;
  /** The output of a running container, once it matches. */
  said(ran: Ran, wanted: RegExp): Promise<string>;
  /** Output and exit code of a command in a container. */
  exec(containerId: string, ...cmd: readonly string[]): Promise<string>;
  /** Removes what attacks have made. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

/**
 * `tag` (at most 6 letters and digits) and `slot` (0 to 9) tell hosts apart that are open at the same time; both are in the name of the
 * runtime and of its cgroups, after "h".
 */
export async function openHost(tag: string, slot = 0): Promise<Host> {
  const fixture = await startRuntime(`h${tag}${slot}`, {
    subnet: `10.${221 + slot}.0.0/16`,
  });
  const { runtime, directory, logs } = fixture;
  const outside = join(directory, "outside");
  let serial = 0;
  let program: Buffer | undefined;
  const hostile = (): Buffer => (program ??= buildHostile(directory));

  const restore = (): void => {
    rmSync(outside, { recursive: true, force: true });
    mkdirSync(outside);
    writeFileSync(join(outside, "victim"), "untouched");
  };
  restore();

  const outputOf = (log: string): string =>
    existsSync(log)
      ? readFileSync(log, "utf8")
          .split("\n")
          .filter((line) => line !== "")
          .map((line) => line.split(" ").slice(3).join(" "))
          .join("\n")
      : "";

  const host: Host = {
    ...fixture,
    outside,
    program() {
      hostile();
      return join(directory, "hostile");
    },
    touched() {
      const names = readdirSync(outside).filter((name) => name !== "victim");
      if (names.length > 0) return `TOUCHED: made ${names.join(", ")}`;
      const text = existsSync(join(outside, "victim")) ? readFileSync(join(outside, "victim"), "utf8") : "gone";
      return text === "untouched" ? text : `TOUCHED: the victim is ${JSON.stringify(text)}`;
    },
    make(name) {
      const path = join(directory, `${name}-${serial++}`);
      mkdirSync(path);
      return path;
    },
    async image(entries, config = {}) {
      const ref = `localhost/hostile/image:${serial++}`;
      const base = busyboxImage(ref);
      const layout = join(directory, `layout-${serial}`);
      await writeOciLayout(layout, {
        ...base,
        layers: [
          ...base.layers.map((layer) => ({ ...layer, compression: "none" as const })),
          {
            tar: [{ name: "bin/hostile", mode: 0o755, content: hostile() }, ...entries],
            compression: "none" as const,
          },
        ],
        config: { ...base.config, ...config },
      });
      await fixture.images.load(layout);
      rmSync(layout, { recursive: true });
      return ref;
    },
    async start(command, options = {}) {
      let containerId = "";
      let podSandboxId = options.podSandboxId ?? "";
      try {
        const config = sandboxConfig(logs, options.sandbox);
        if (podSandboxId === "") ({ podSandboxId = "" } = await runtime.runPodSandbox({ config }));
        const container = containerConfig(command, {
          ...(options.image === undefined ? {} : { image: { image: options.image } }),
          ...options.container,
        });
        ({ containerId = "" } = await runtime.createContainer({
          podSandboxId,
          config: container,
          sandboxConfig: config,
        }));
        await runtime.startContainer({ containerId });
        return { refused: "", exitCode: 0, output: "", containerId, podSandboxId };
      } catch (error) {
        return { refused: describeError(error), exitCode: -1, output: "", containerId, podSandboxId };
      }
    },
    async run(command, options) {
      const started = await host.start(command, options);
      if (started.refused !== "") return started;
      const { exitCode } = await untilExited(runtime, started.containerId);
      const { status } = await runtime.containerStatus({ containerId: started.containerId });
      return { ...started, exitCode, output: outputOf(status?.logPath ?? "") };
    },
    async said({ containerId }, wanted) {
      const { status } = await runtime.containerStatus({ containerId });
      for (;;) {
        const output = outputOf(status?.logPath ?? "");
        if (wanted.test(output)) return output;
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async exec(containerId, ...cmd) {
      const { stdout, stderr, exitCode } = await runtime.execSync({ containerId, cmd: [...cmd], timeout: 60n });
      const text = Buffer.concat([Buffer.from(stdout ?? []), Buffer.from(stderr ?? [])])
        .toString()
        .trim();
      return exitCode === 0 ? text : `${text} (exit code ${exitCode})`;
    },
    async reset() {
      for (const { id } of (await runtime.listPodSandbox({})).items ?? [])
        await runtime.removePodSandbox({ podSandboxId: id });
      restore();
    },
    close: () => fixture.remove(),
  };
  return host;
}

/** hostile.c as a static program. */
function buildHostile(directory: string): Buffer {
  const target = join(directory, "hostile");
  execFileSync("musl-gcc", ["-static", "-Os", "-s", "-o", target, join(import.meta.dirname, "hostile.c")], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  return readFileSync(target);
}
