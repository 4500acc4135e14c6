/**
 * Helper processes of the daemon: programs of ours for Node.js that talk with it over Node's IPC channel. One that hangs where its own code
 * does not run yet, as Node.js does when it can have no more threads (EAGAIN of pthread_create), is found out by its silence: each
 * says hello first. The kernel kills it with the daemon.
 */
import { type ChildProcess, spawn } from "node:child_process";

import { withStreams } from "./child.ts";
import { NodeletError } from "./errors.ts";
import { shimPath } from "./paths.ts";

/** A start takes a tenth of a second, and seconds where a machine is very busy. */
const HELLO_LIMIT_MS = 30_000;
/** The last words of one that died. */
const MAX_WORDS = 4096;
const HELLO = "hello";

export interface HelperOptions {
  /** For errors: `puller`. */
  readonly name: string;
  /** The file of its program. */
  readonly entry: string;
  /** Options of Node.js. */
  readonly nodeOptions: readonly string[];
  /** @default 30000 */
  readonly helloLimitMs?: number | undefined;
  /** It listens. */
  readonly onHello?: (() => void) | undefined;
  readonly onMessage: (message: unknown) => void;
  /** Called once, after the last message. */
  readonly onGone: (end: HelperEnd) => void;
}

export interface HelperEnd {
  /** It was killed as it had not said hello in time. */
  readonly hung: boolean;
  /** For the request that it leaves without an answer: `unavailable`. */
  readonly error: NodeletError;
}

/**
 * Starts one. It is killed with the thread that started it: the daemon's main thread. Throws `exhausted` when there are no descriptors for
 * its pipes.
 */
export function startHelper(options: HelperOptions): ChildProcess {
  const { name, entry, nodeOptions, helloLimitMs = HELLO_LIMIT_MS, onHello, onMessage, onGone } = options;
  const args = ["helper", String(process.pid), process.execPath, ...nodeOptions, entry];
  const child = withStreams(
    spawn(shimPath(), args, {
      serialization: "advanced",
      stdio: ["ignore", "ignore", "pipe", "ipc"],
      cwd: "/",
    }),
    `the ${name}`,
  );
  let started = false;
  let words = "";
  let hung = false;
  let over = false;
  const silence = setTimeout(() => {
    hung = true;
    child.kill("SIGKILL");
  }, helloLimitMs);
  const gone = (how: string): void => {
    if (over) return;
    over = true;
    clearTimeout(silence);
    const cause = words.trim() === "" ? undefined : new Error(words.trim());
    onGone({ hung, error: hung ? silent(name, helloLimitMs, cause) : ended(name, how, started, cause) });
  };
  child.stderr?.setEncoding("utf8");
  child.stderr?.on("data", (text: string) => {
    words = (words + text).slice(-MAX_WORDS);
  });
  child.on("message", (message) => {
    if (message === HELLO) {
      started = true;
      clearTimeout(silence);
      onHello?.();
    } else onMessage(message);
  });
  child.on("error", (error) => gone(error.message));
  child.on("exit", (code, signal) => {
    const how = signal ?? `exit code ${code}`;
    // What it said last may still be in the channel.
    if (child.connected) child.once("disconnect", () => gone(how));
    else gone(how);
  });
  return child;
}

/** In the helper itself, when it listens. */
export function sayHello(): void {
  process.send?.(HELLO, undefined, undefined, (error) => {
    if (error !== null) process.exit(1);
  });
}

function silent(name: string, limitMs: number, cause: Error | undefined): NodeletError {
  return new NodeletError("unavailable", `The ${name} process hung at its start for ${limitMs / 1000} s`, {
    cause,
    fix: "Raise the limits of processes and threads that the daemon runs with (TasksMax= of its unit, pids.max, ulimit -u), and try again",
  });
}

function ended(name: string, how: string, started: boolean, cause: Error | undefined): NodeletError {
  const when = started ? "in the middle of its work" : "at its start";
  return new NodeletError("unavailable", `The ${name} process ended ${when} (${how})`, { cause, fix: "Try again" });
}
