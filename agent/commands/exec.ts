// `nodelet exec`

import { isNodeletError } from "../base/errors.ts";
import { segments } from "./client.ts";
import { defineCommand, NAMESPACE_OPTION, podName, type OptionSpecs } from "./cli.ts";
import { chooseContainer } from "./containers.ts";

/** As shells end when a program is not there, or may not be run. */
const EXIT_NO_PROGRAM = 127;
const EXIT_NOT_RUNNABLE = 126;

const OPTIONS = {
  ...NAMESPACE_OPTION,
  container: {
    kind: "string",
    short: "c",
    value: "CONTAINER",
    help: "default: the first, or the one the pod's annotation names",
  },
  stdin: { kind: "flag", short: "i", help: "pass standard input on" },
  tty: { kind: "flag", short: "t", help: "with a terminal" },
} as const satisfies OptionSpecs;

export const execCommand = defineCommand({
  name: "exec",
  summary: "run a command in a container",
  usage: ["[-i] [-t] POD [-c CONTAINER] [--] COMMAND [ARGUMENT...]"],
  notes:
    "Ends with the exit code of the command; 127 when the container has no such program, 126 when it cannot be run.",
  options: OPTIONS,
  args: { min: 2, max: Number.POSITIVE_INFINITY },
  commandFrom: 1,
  async run({ options, args, client, warn, signal, streams }) {
    const { namespace, pod } = podName(args[0] ?? "", options.namespace);
    const command = args.slice(1);
    let { tty } = options;
    if (tty && options.stdin && streams.stdin.isTTY !== true) {
      warn("standard input is not a terminal, so there is none inside either");
      tty = false;
    }
    const container = await chooseContainer(client, namespace, pod, options.container, warn);
    const { runSession } = await import("./session.ts");
    try {
      const connection = await client.upgrade(`/exec${segments(namespace, pod, container)}`, {
        query: { command, input: options.stdin, output: true, error: !tty, tty },
      });
      return await runSession(connection, { stdin: options.stdin, tty }, streams, signal);
    } catch (error) {
      // The pod and the container are there, or choosing one would have failed, unless the container was named.
      if (isNodeletError(error) && error.message.startsWith("cannot run ")) {
        warn(`${error.message}${error.fix === undefined ? "" : ` (${error.fix})`}`);
        return error.code === "not-found" ? EXIT_NO_PROGRAM : EXIT_NOT_RUNNABLE;
      }
      throw error;
    }
  },
});
