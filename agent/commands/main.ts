// Finds the command, runs it, and turns what happens into a message and an exit code.

import { describeError } from "../base/errors.ts";
import { Client, NotRunningError } from "./client.ts";
import {
  EXIT,
  helpText,
  parseArguments,
  runDirOf,
  socketPath,
  UsageError,
  write,
  type Command,
  type Streams,
} from "./cli.ts";
import { COMMANDS } from "./index.ts";
import { harmless } from "./table.ts";

/** What the process is to end with. Never throws. */
export async function main(argv: readonly string[], streams: Streams): Promise<number> {
  const [word, ...rest] = argv;
  if (word === undefined) {
    await (await import("./help.ts")).printHelp(streams.stderr);
    return EXIT.usage;
  }
  const name = word === "--help" || word === "-h" ? "help" : word === "--version" ? "version" : word;
  const load = name === "help" ? loadHelp : Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) return fail(streams, "nodelet", new UsageError(await unknownCommand(name)));
  try {
    return await runCommand(await load(), rest, streams);
  } catch (error) {
    return fail(streams, `nodelet ${name}`, error);
  }
}

async function loadHelp(): Promise<Command> {
  return (await import("./help.ts")).helpCommand;
}

async function unknownCommand(name: string): Promise<string> {
  const { nearestWord } = await import("./nearest.ts");
  const near = nearestWord(name, [...Object.keys(COMMANDS), "help"]);
  return `there is no command ${JSON.stringify(name)}${near === undefined ? "" : `, did you mean \`nodelet ${near}\`?`}`;
}

async function runCommand(command: Command, argv: readonly string[], streams: Streams): Promise<number> {
  const { options, args } = command.rawArguments === true ? { options: {}, args: argv } : parseArguments(command, argv);
  if (options["help"] === true) {
    await write(streams.stdout, helpText(command));
    return EXIT.ok;
  }
  const runDir = runDirOf(options["run-dir"] as string | undefined, streams.env);
  const stopped = new AbortController();
  // The reason tells which signal it was.
  const stop = (name: NodeJS.Signals): void => stopped.abort(name);
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, stop);
  try {
    return await command.run({
      options: options as never,
      args,
      streams,
      runDir,
      client: new Client(socketPath(runDir)),
      signal: stopped.signal,
      print: (text) => write(streams.stdout, text),
      warn: (text) => void streams.stderr.write(`nodelet ${command.name}: ${harmless(text)}\n`),
    });
  } catch (error) {
    if (stopped.signal.aborted) return EXIT.failure;
    throw error;
  } finally {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.off(signal, stop);
  }
}

function fail(streams: Streams, who: string, error: unknown): number {
  const text = harmless(describeError(error));
  if (error instanceof UsageError) {
    const more = text.includes("--help") ? "" : `See \`${who} --help\`.\n`;
    streams.stderr.write(`${who}: ${text}\n${more}`);
    return EXIT.usage;
  }
  streams.stderr.write(`${who}: ${text}\n`);
  return error instanceof NotRunningError ? EXIT.notRunning : EXIT.failure;
}
