// Calls on paths that may lie on a file system whose server is away. Each is made by a process of its own (`nodelet-shim volume`,
// native/shim/volume.c) that is given up on when it takes too long: a thread would be stuck with it, and hold the daemon's sockets and
// locks after its end.

import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { getSystemErrorName } from "node:util";

import { withStreams } from "../base/child.ts";
import { NodeletError } from "../base/errors.ts";
import { shimPath } from "../base/paths.ts";
import type { SystemError } from "./system.ts";

/** A healthy file system answers within a moment, a busy one within seconds. */
const LIMIT_MS = 20_000;
/** Going through a big tree takes its time. */
const USAGE_LIMIT_MS = 120_000;
const MAX_ANSWER = 4096;

export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** Rejects with a SystemError as System does, and with `timeout` when the file system does not answer. */
export interface SlowCalls {
  /** st_mode of stat(2): links are followed. */
  stat(path: string, options?: CallOptions): Promise<number>;
  /** And those above it, 0755. There already: success. */
  makeDirectory(path: string, options?: CallOptions): Promise<void>;
  /** Empty, 0644; EEXIST when it is there. */
  makeFile(path: string, options?: CallOptions): Promise<void>;
  /** Detaches the mount at the path itself; links are not followed. Not mounted, or missing: success. */
  umount(path: string, options?: CallOptions): Promise<void>;
  /**
   * Binds what `part` names inside the directory `volume` at `target`, whose parent is the daemon's. It is resolved beneath `volume`
   * (EXDEV: it leads out), made as a directory with the permissions of `volume` where it is missing, and bound from the descriptor that was
   * resolved. Repeatable.
   */
  bindPart(volume: string, part: string, target: string, options?: CallOptions): Promise<void>;
  /** What a directory and all below it takes on disk, other mounts left out. */
  usage(path: string, options?: CallOptions): Promise<DiskUsage>;
}

export interface DiskUsage {
  readonly bytes: bigint;
  readonly inodes: bigint;
}

export interface SlowCallSettings {
  /** @default 20000 */
  readonly limitMs?: number | undefined;
  /** @default the packaged nodelet-shim */
  readonly program?: string | undefined;
}

export function createSlowCalls(settings: SlowCallSettings = {}): SlowCalls {
  return new SlowCallProcesses(settings);
}

class SlowCallProcesses implements SlowCalls {
  readonly #program: string;
  readonly #limitMs: number;
  /** Processes that were given up on, by the path that they hang on. */
  readonly #stuck = new Map<string, ChildProcess>();

  constructor(settings: SlowCallSettings) {
    this.#program = settings.program ?? shimPath();
    this.#limitMs = settings.limitMs ?? LIMIT_MS;
  }

  async stat(path: string, options?: CallOptions): Promise<number> {
    return Number.parseInt(await this.#call(["stat", path], options), 10);
  }

  async makeDirectory(path: string, options?: CallOptions): Promise<void> {
    await this.#call(["make-directory", path], options);
  }

  async makeFile(path: string, options?: CallOptions): Promise<void> {
    await this.#call(["make-file", path], options);
  }

  async umount(path: string, options?: CallOptions): Promise<void> {
    await this.#call(["umount", path], options);
  }

  async bindPart(volume: string, part: string, target: string, options?: CallOptions): Promise<void> {
    await this.#call(["subpath", volume, part, target], options);
  }

  async usage(path: string, options?: CallOptions): Promise<DiskUsage> {
    const answer = await this.#call(["usage", path], options, Math.max(USAGE_LIMIT_MS, this.#limitMs));
    const [bytes = "0", inodes = "0"] = answer.split(" ");
    return { bytes: BigInt(bytes), inodes: BigInt(inodes) };
  }

  async #call(
    [name, path, ...more]: readonly [string, string, ...string[]],
    { signal }: CallOptions = {},
    limitMs: number = this.#limitMs,
  ): Promise<string> {
    signal?.throwIfAborted();
    // One stuck process a path is enough.
    if (this.#stuck.has(path)) throw hung(name, path);
    const child = withStreams(
      spawn(this.#program, ["volume", name, path, ...more], {
        stdio: ["ignore", "pipe", "ignore"],
        cwd: "/",
        env: {},
      }),
      this.#program,
    );
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    let answer = "";
    child.stdout.setEncoding("latin1");
    child.stdout.on("data", (text: string) => {
      answer = (answer + text).slice(0, MAX_ANSWER);
    });
    child.once("error", reject);
    child.once("close", () => resolve(answer));
    const giveUp = (reason: unknown): void => {
      this.#stuck.set(path, child);
      child.once("exit", () => this.#stuck.delete(path));
      child.kill("SIGKILL");
      child.stdout.destroy();
      child.unref();
      reject(reason);
    };
    const timer = setTimeout(() => giveUp(hung(name, path)), limitMs);
    const abort = (): void => giveUp(signal?.reason);
    signal?.addEventListener("abort", abort, { once: true });
    try {
      return this.#read(await promise, name, path);
    } finally {
      clearTimeout(timer);
      signal?.removeEventListener("abort", abort);
    }
  }

  #read(answer: string, name: string, path: string): string {
    const [verdict, value = "", call = name] = answer.trimEnd().split(" ");
    if (verdict === "ok") return answer.trimEnd().slice("ok ".length);
    if (verdict === "error") throw failure(Number(value), call, path);
    throw new NodeletError("unavailable", `The call ${name} on it ended without an answer`, { where: path });
  }
}

function hung(call: string, path: string): NodeletError {
  return new NodeletError("timeout", `The file system does not answer: ${call} hangs`, {
    where: path,
    fix: "Bring back the server of this file system, or unmount it with: umount -f -l",
  });
}

function failure(errno: number, syscall: string, path: string): SystemError {
  const code = getSystemErrorName(-errno);
  return Object.assign(new Error(`${code}: ${syscall} '${path}'`), { code, errno: -errno, syscall, path });
}
