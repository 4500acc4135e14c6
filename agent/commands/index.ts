// The commands, each loaded when it is called.

import type { Command } from "./cli.ts";

/** In the order of the list that `nodelet help` prints. */
export const COMMANDS: Readonly<Record<string, () => Promise<Command>>> = {
  run: async () => (await import("./run.ts")).runCommand as Command,
  rm: async () => (await import("./rm.ts")).rmCommand as Command,
  pods: async () => (await import("./pods.ts")).podsCommand as Command,
  ps: async () => (await import("./ps.ts")).psCommand as Command,
  images: async () => (await import("./images.ts")).imagesCommand as Command,
  load: async () => (await import("./load.ts")).loadCommand as Command,
  tag: async () => (await import("./tag.ts")).tagCommand as Command,
  rmi: async () => (await import("./rmi.ts")).rmiCommand as Command,
  logs: async () => (await import("./logs.ts")).logsCommand as Command,
  exec: async () => (await import("./exec.ts")).execCommand as Command,
  attach: async () => (await import("./attach.ts")).attachCommand as Command,
  inspect: async () => (await import("./inspect.ts")).inspectCommand as Command,
  events: async () => (await import("./events.ts")).eventsCommand as Command,
  explain: async () => (await import("./explain.ts")).explainCommand as Command,
  stop: async () => (await import("./stop.ts")).stopCommand as Command,
  doctor: async () => (await import("./doctor.ts")).doctorCommand as Command,
  version: async () => (await import("./version.ts")).versionCommand as Command,
  help: async () => (await import("./help.ts")).helpCommand as Command,
};

/** Asked for by name they say that they are not there yet. */
export const LATER: readonly string[] = ["pull", "port-forward", "stats", "why", "cri"];
