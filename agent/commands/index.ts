// The commands, each loaded when it is called.

import type { Command } from "./cli.ts";

/** In the order of the list that `nodelet help` prints; `help` itself comes last. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  agent: async () => (await import("./agent.ts")).agentCommand,
  cri: async () => (await import("./cri.ts")).criCommand,
  run: async () => (await import("./run.ts")).runCommand,
  rm: async () => (await import("./rm.ts")).rmCommand,
  pods: async () => (await import("./pods.ts")).podsCommand,
  ps: async () => (await import("./ps.ts")).psCommand,
  images: async () => (await import("./images.ts")).imagesCommand,
  pull: async () => (await import("./pull.ts")).pullCommand,
  load: async () => (await import("./load.ts")).loadCommand,
  tag: async () => (await import("./tag.ts")).tagCommand,
  rmi: async () => (await import("./rmi.ts")).rmiCommand,
  logs: async () => (await import("./logs.ts")).logsCommand,
  exec: async () => (await import("./exec.ts")).execCommand,
  attach: async () => (await import("./attach.ts")).attachCommand,
  "port-forward": async () => (await import("./port-forward.ts")).portForwardCommand,
  why: async () => (await import("./why.ts")).whyCommand,
  stats: async () => (await import("./stats.ts")).statsCommand,
  inspect: async () => (await import("./inspect.ts")).inspectCommand,
  events: async () => (await import("./events.ts")).eventsCommand,
  explain: async () => (await import("./explain.ts")).explainCommand,
  stop: async () => (await import("./stop.ts")).stopCommand,
  doctor: async () => (await import("./doctor.ts")).doctorCommand,
  version: async () => (await import("./version.ts")).versionCommand,
};
