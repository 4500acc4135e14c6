// `nodelet attach`

import { segments } from "./client.ts";
import { defineCommand, NAMESPACE_OPTION, podName, type OptionSpecs } from "./cli.ts";
import { chooseContainer } from "./containers.ts";

const OPTIONS = {
  ...NAMESPACE_OPTION,
  container: {
    kind: "string",
    short: "c",
    value: "CONTAINER",
    help: "default: the first, or the one the pod's annotation names",
  },
  stdin: { kind: "flag", short: "i", help: "pass standard input on; the container needs stdin: true" },
  tty: { kind: "flag", short: "t", help: "the container has a terminal (tty: true)" },
} as const satisfies OptionSpecs;

export const attachCommand = defineCommand({
  name: "attach",
  summary: "see the output of a container's own process as it comes",
  usage: ["[-i] [-t] POD [-c CONTAINER]"],
  notes:
    "Ends with the exit code of the container. Ctrl-C ends the session, not the container, unless there is a terminal.",
  options: OPTIONS,
  args: { min: 1, max: 1 },
  async run({ options, args, client, warn, signal, streams }) {
    const { namespace, pod } = podName(args[0] ?? "", options.namespace);
    const container = await chooseContainer(client, namespace, pod, options.container, warn);
    const { runSession } = await import("./session.ts");
    const connection = await client.upgrade(`/attach${segments(namespace, pod, container)}`, {
      query: { input: options.stdin, output: true, error: !options.tty, tty: options.tty },
    });
    const tty = options.tty && streams.stdin.isTTY === true;
    return runSession(connection, { stdin: options.stdin, tty }, streams, signal);
  },
});
