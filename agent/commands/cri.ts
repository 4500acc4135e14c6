// `nodelet cri`: the built-in runtime alone.

import { daemonCommand } from "./daemon-command.ts";

export const criCommand = daemonCommand({
  program: "cri",
  summary: "the runtime alone, for crictl, critest, a stock kubelet",
  start: async (options, log) => await (await import("./cri/daemon.ts")).startCri(options, log),
});
