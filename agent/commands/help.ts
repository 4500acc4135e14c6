// `nodelet help`

import type { Writable } from "node:stream";

import { defineCommand, EXIT, helpText, UsageError, write } from "./cli.ts";
import { COMMANDS } from "./index.ts";
import { nearestWord } from "./nearest.ts";

export async function printHelp(stream: Writable): Promise<void> {
  const commands = [...(await Promise.all(Object.values(COMMANDS).map((load) => load()))), helpCommand];
  const width = Math.max(...commands.map(({ name }) => name.length));
  await write(
    stream,
    [
      "nodelet: a Linux node agent, kubelet and container runtime in one daemon",
      "",
      "Usage: nodelet COMMAND [OPTIONS] [ARGUMENTS]",
      "",
      ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
      "",
      "`nodelet COMMAND --help` has the options of each. Exit codes: 0 done, 1 failed, 2 wrong usage, 3 the daemon is not running;",
      "exec and attach end with the code of the process inside.",
      "",
    ].join("\n"),
  );
}

export const helpCommand = defineCommand({
  name: "help",
  summary: "this list, or the help of one command",
  usage: ["[COMMAND]"],
  options: {},
  args: { min: 0, max: 1 },
  async run(invocation) {
    const { args, streams, print } = invocation;
    const [name] = args;
    if (name === undefined) {
      await printHelp(streams.stdout);
      return EXIT.ok;
    }
    const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
    if (name === helpCommand.name) {
      await print(helpText(helpCommand));
      return EXIT.ok;
    }
    if (load === undefined) {
      const near = nearestWord(name, Object.keys(COMMANDS));
      throw new UsageError(
        `there is no command ${JSON.stringify(name)}${near === undefined ? "" : `, did you mean ${near}?`}`,
      );
    }
    const command = await load();
    if (command.rawArguments === true) return command.run({ ...invocation, args: ["--help"] });
    await print(helpText(command));
    return EXIT.ok;
  },
});
