// `nodelet agent`: the daemon.

import { daemonCommand } from "./daemon-command.ts";

export const agentCommand = daemonCommand({
  program: "agent",
  summary: "the daemon; also when called as `kubelet`",
  start: async (options, log, signal) => await (await import("./agent/daemon.ts")).startAgent(options, log, signal),
});
