// Tells the service manager that started us how far we are, and that we live: sd_notify(3) and sd_watchdog_enabled(3).

import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** Sends one message to a unix datagram socket; a path that begins with `@` is an abstract name. */
export type SendDatagram = (path: string, data: Uint8Array) => void;

export interface ServiceManager extends Disposable {
  /** False: nobody started us that wants to know, and every call does nothing. */
  readonly present: boolean;
  ready(status: string): void;
  stopping(): void;
}

/** How often the manager hears of us, in milliseconds: twice in what it allows; undefined where it has no watchdog for this process. */
export function watchdogInterval(env: Environment, pid: number): number | undefined {
  const microseconds = Number(env["WATCHDOG_USEC"] ?? "0");
  if (!Number.isSafeInteger(microseconds) || microseconds <= 0) return undefined;
  const forPid = env["WATCHDOG_PID"];
  if (forPid !== undefined && Number(forPid) !== pid) return undefined;
  return Math.max(1, Math.floor(microseconds / 2_000));
}

/** Watchdog messages begin with `ready`, and come from the main thread: when that hangs, they end. Disposing ends them. */
export function connectServiceManager(env: Environment, send: SendDatagram, log: Logger): ServiceManager {
  const socket = env["NOTIFY_SOCKET"] ?? "";
  const present = socket !== "";
  const tell = (...lines: readonly string[]): void => {
    if (!present) return;
    try {
      send(socket, Buffer.from(lines.join("\n")));
    } catch (error) {
      log.warn({ socket, error: describeError(error) }, "the service manager could not be told");
    }
  };
  let timer: NodeJS.Timeout | undefined;
  return {
    present,
    ready(status) {
      tell("READY=1", `STATUS=${status}`);
      const interval = watchdogInterval(env, process.pid);
      if (!present || interval === undefined) return;
      timer = setInterval(() => tell("WATCHDOG=1"), interval);
      timer.unref();
    },
    stopping: () => tell("STOPPING=1"),
    [Symbol.dispose]: () => clearInterval(timer),
  };
}
