// Tells the service manager that started us how far we are.

import { spawn } from "node:child_process";

import type { Logger } from "../../base/log.ts";
import type { Streams } from "../cli.ts";

/**
 * sd_notify(3) by systemd's own program, as Node.js has no unix datagram sockets; the unit needs NotifyAccess=all. Where there is no
 * service manager nothing is started. Not waited for.
 */
export function notifyServiceManager(env: Streams["env"], message: readonly string[], log: Logger): void {
  if (env["NOTIFY_SOCKET"] === undefined || env["NOTIFY_SOCKET"] === "") return;
  const child = spawn("systemd-notify", [`--pid=${process.pid}`, ...message], { stdio: "ignore" });
  child.on("error", (error) => log.warn({ error }, "the service manager could not be told"));
  child.unref();
}
