// Runs a plugin: finds the program, feeds it, takes what it says, and ends it when it does not end.
import { stat } from "node:fs/promises";
import { Socket } from "node:net";
import { constants } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describeError, isErrno, NodeletError, type ErrorCode } from "../../agent/base/errors.ts";
import type { ShimProcess, System } from "../../agent/system/system.ts";
import type { JsonObject } from "./config.ts";
import type { Command } from "./invocation.ts";

/** More than any result: hundreds of addresses take some tens of kilobytes. */
const OUTPUT_BYTES_MAX = 1024 * 1024;
/** Of what it says beside the result: the end matters. */
const STDERR_BYTES_MAX = 16 * 1024;
const SHOWN_OUTPUT = 300;
/** For a pipe that something still holds that the plugin started and left behind. */
const DRAIN_MS = 2_000;
/** A program that is just being installed: as often as libcni, sooner. */
const BUSY_ATTEMPTS = 12;
const BUSY_INTERVAL_MS = 500;

export type SpawningSystem = Pick<System, "spawnProgram" | "pidfdExited" | "waitPidfd" | "close">;

export interface Invocation {
  readonly command: Command;
  readonly plugin: string;
  readonly network: string;
  /** Of the configuration, for messages. */
  readonly file: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: JsonObject;
  readonly pluginDirs: readonly string[];
  readonly timeoutMs: number;
}

/** A plugin that failed. `plugin` has its own code when it gave one: SPEC.md, "Error". */
export class PluginError extends NodeletError {
  readonly pluginCode: number | undefined;
  /** It is not installed: nothing was run. */
  readonly missing: boolean;

  constructor(
    invocation: Invocation,
    problem: string,
    options: { code?: ErrorCode; pluginCode?: number; missing?: boolean; fix?: string; cause?: unknown } = {},
  ) {
    const { command, plugin, network, file } = invocation;
    super(
      options.code ?? "unavailable",
      `CNI plugin ${plugin} failed at ${command} for the network ${network}: ${problem}`,
      {
        where: file,
        fix: options.fix,
        cause: options.cause,
      },
    );
    this.pluginCode = options.pluginCode;
    this.missing = options.missing ?? false;
  }
}

/** SPEC.md, "Error": codes that tell the runtime something. */
export const PLUGIN_CODE = { unknownContainer: 3, tryAgainLater: 11, unavailable: 50, limited: 51 } as const;

/** What is spoken for by the number alone, where a plugin's message is terse. */
const MEANING: Readonly<Record<number, string>> = {
  1: "it does not speak the configuration's CNI version",
  2: "the configuration has a field that it does not support",
  3: "it does not know the container",
  4: "an environment variable is wrong",
  5: "input or output failed",
  6: "it could not decode what it was given",
  7: "it does not accept the configuration",
  11: "it wants to be called again later",
  50: "it cannot connect pods now",
  51: "it cannot connect pods now, and connected ones may be cut off",
};

/** The first directory that has it, as libcni looks. Throws a PluginError with `missing`. */
export async function findPlugin(invocation: Pick<Invocation, "plugin" | "pluginDirs"> & Invocation): Promise<string> {
  for (const directory of invocation.pluginDirs) {
    const path = join(directory, invocation.plugin);
    try {
      if ((await stat(path)).isFile()) return path;
    } catch (error) {
      if (!isErrno(error, "ENOENT", "ENOTDIR", "EACCES")) {
        throw new PluginError(invocation, `${path} cannot be looked at`, { cause: error });
      }
    }
  }
  throw new PluginError(
    invocation,
    `there is no such program in ${invocation.pluginDirs.join(", ") || "any directory"}`,
    {
      missing: true,
      fix: "Install it, or name its directory with --cni-bin-dir",
    },
  );
}

/** What the others print is of no interest, as to libcni. */
const WITH_RESULT: ReadonlySet<Command> = new Set(["ADD", "VERSION"]);

interface Ended {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: Buffer;
  /** More than the limit came, and the program was ended for it. */
  readonly overflow: boolean;
  readonly stderr: string;
  readonly late: boolean;
}

/**
 * The object that the plugin printed for ADD and VERSION; undefined when it printed nothing, and for all other commands. Throws a
 * PluginError. Nothing of the plugin runs on afterwards but what left its process group.
 */
export async function execute(invocation: Invocation, system: SpawningSystem): Promise<JsonObject | undefined> {
  const path = await findPlugin(invocation);
  for (let attempt = 1; ; attempt++) {
    try {
      return judge(invocation, await run(path, invocation, system));
    } catch (error) {
      if (!isErrno(error, "ETXTBSY") || attempt === BUSY_ATTEMPTS) throw notStarted(invocation, path, error);
      await sleep(BUSY_INTERVAL_MS);
    }
  }
}

function notStarted(invocation: Invocation, path: string, error: unknown): unknown {
  if (error instanceof PluginError) return error;
  const denied = isErrno(error, "EACCES");
  const format = isErrno(error, "ENOEXEC");
  return new PluginError(invocation, `${path} cannot be run`, {
    cause: error,
    ...(denied ? { fix: `Make it executable: chmod +x ${path}` } : {}),
    ...(format ? { fix: "Install the program for this machine's architecture" } : {}),
  });
}

async function run(path: string, invocation: Invocation, system: SpawningSystem): Promise<Ended> {
  const program = system.spawnProgram(path, invocation.env);
  const stdin = new Socket({ fd: program.stdin, readable: false, writable: true });
  const stdout = new Socket({ fd: program.stdout, readable: true, writable: false });
  const stderr = new Socket({ fd: program.stderr, readable: true, writable: false });
  const pipes = [stdin, stdout, stderr];
  // It did not want to read, or something went with it: its exit tells.
  for (const pipe of pipes) pipe.on("error", () => undefined);
  const closed = Promise.all([stdout, stderr].map((pipe) => new Promise((resolve) => pipe.once("close", resolve))));
  let running: ShimProcess;
  try {
    running = await program.started;
  } catch (error) {
    for (const pipe of pipes) pipe.destroy();
    throw error;
  }
  const { pid, pidfd } = running;
  const output: Buffer[] = [];
  let size = 0;
  let said = Buffer.alloc(0);
  let late = false;
  let overflow = false;
  const timer = setTimeout(() => {
    late = true;
    killGroup(pid);
  }, invocation.timeoutMs);
  stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= OUTPUT_BYTES_MAX) output.push(chunk);
    else if (!overflow) {
      overflow = true;
      killGroup(pid);
    }
  });
  stderr.on("data", (chunk: Buffer) => {
    said = Buffer.concat([said, chunk]).subarray(-STDERR_BYTES_MAX);
  });
  stdin.end(JSON.stringify(invocation.input));
  let drain: NodeJS.Timeout | undefined;
  try {
    await system.pidfdExited(pidfd);
    clearTimeout(timer);
    drain = setTimeout(() => {
      killGroup(pid);
      for (const pipe of pipes) pipe.destroy();
    }, DRAIN_MS);
    await closed;
    // Only now: until then its number, and so its group's, is nobody else's.
    const { exitCode = 0, signal = 0 } = system.waitPidfd(pidfd) ?? {};
    const ended = { stdout: Buffer.concat(output), overflow, stderr: said.toString("utf8"), late };
    return signal === 0
      ? { ...ended, code: exitCode, signal: null }
      : { ...ended, code: null, signal: signalName(signal) };
  } finally {
    clearTimeout(timer);
    clearTimeout(drain);
    for (const pipe of pipes) pipe.destroy();
    system.close(pidfd);
  }
}

function signalName(number: number): string {
  return Object.entries(constants.signals).find(([, value]) => value === number)?.[0] ?? `signal ${number}`;
}

function killGroup(pid: number): void {
  try {
    process.kill(-pid, "SIGKILL");
  } catch {
    // the group has ended
  }
}

/** Short, on one line, without anything that moves a terminal's cursor. */
function shown(text: string): string {
  // eslint-disable-next-line no-control-regex -- control characters are what is replaced
  const line = text.trim().replace(/[\u0000-\u001f\u007f-\u009f]+/g, " ");
  return line.length > SHOWN_OUTPUT ? `${line.slice(0, SHOWN_OUTPUT)}...` : line;
}

function judge(invocation: Invocation, ended: Ended): JsonObject | undefined {
  const { code, signal, overflow, late } = ended;
  const text = ended.stdout.toString("utf8");
  const said = ended.stderr.trim() === "" ? "" : `; it said: ${shown(ended.stderr)}`;
  if (late) {
    throw new PluginError(invocation, `it did not end within ${invocation.timeoutMs / 1_000} s and was killed${said}`, {
      code: "timeout",
    });
  }
  if (overflow) {
    throw new PluginError(
      invocation,
      `it printed more than ${OUTPUT_BYTES_MAX / 1024} KiB and was killed; it began: ${shown(text.slice(0, SHOWN_OUTPUT))}`,
    );
  }
  if (signal !== null) throw new PluginError(invocation, `it was ended by ${signal}${said}`);
  if (code !== 0) throw failed(invocation, code ?? -1, text, ended.stderr);
  if (text.trim() === "" || !WITH_RESULT.has(invocation.command)) return undefined;
  const object = parseObject(text);
  if (object === undefined) {
    throw new PluginError(invocation, `it ended well, but what it printed is not a JSON object: ${shown(text)}${said}`);
  }
  return object;
}

function parseObject(text: string): JsonObject | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // told by the caller, with the text
  }
  return undefined;
}

function failed(invocation: Invocation, exitCode: number, text: string, stderr: string): PluginError {
  const error = parseObject(text);
  const pluginCode = typeof error?.["code"] === "number" ? error["code"] : undefined;
  const words = [error?.["msg"], error?.["details"]]
    .filter((word): word is string => typeof word === "string" && word.trim() !== "")
    .map(shown)
    .join("; ");
  if (error === undefined || (pluginCode === undefined && words === "")) {
    const output = text.trim() !== "" ? text : stderr;
    const what = output.trim() === "" ? "it gave no reason" : `it printed: ${shown(output)}`;
    return new PluginError(invocation, `${what} (exit code ${exitCode})`);
  }
  const meaning = pluginCode === undefined ? undefined : MEANING[pluginCode];
  const named = pluginCode === undefined ? "" : ` (code ${pluginCode}${meaning === undefined ? "" : `: ${meaning}`})`;
  return new PluginError(invocation, `${words === "" ? "it gave no message" : words}${named}`, {
    ...(pluginCode === undefined ? {} : { pluginCode }),
    code: pluginCode === 2 || pluginCode === 7 || pluginCode === 1 ? "invalid" : "unavailable",
  });
}

/** For messages where no program was run. */
export function problemOf(invocation: Invocation, error: unknown): PluginError {
  return new PluginError(invocation, `its result cannot be used: ${describeError(error)}`);
}
