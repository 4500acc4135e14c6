// What all commands share: their options, how they are parsed, help, and the streams they write to.

import { join } from "node:path";
import type { Readable, Writable } from "node:stream";

import type { Client } from "./client.ts";
import { nearestWord } from "./nearest.ts";

/**
 * What the process ends with. `exec` and `attach` pass on the code of the process inside instead. `stopped`: a daemon under a service
 * manager that was asked over its socket to end, and is not to be started again.
 */
export const EXIT = { ok: 0, failure: 1, usage: 2, notRunning: 3, stopped: 4 } as const;

export const DEFAULT_RUN_DIR = "/run/nodelet";

export interface OptionSpec {
  readonly kind: "flag" | "string" | "number";
  /** One letter. */
  readonly short?: string;
  /** Placeholder of the value in the help text. */
  readonly value?: string;
  readonly help: string;
}

export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

export type OptionValues<S extends OptionSpecs> = {
  readonly [K in keyof S]: S[K]["kind"] extends "flag"
    ? boolean
    : S[K]["kind"] extends "number"
      ? number | undefined
      : string | undefined;
};

/** Where a command reads and writes; tests give their own. */
export interface Streams {
  readonly stdin: Readable & { readonly isTTY?: boolean; setRawMode?(on: boolean): unknown };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number; readonly rows?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean };
  readonly env: Readonly<Record<string, string | undefined>>;
}

export interface Invocation<S extends OptionSpecs> {
  readonly options: OptionValues<S & typeof COMMON_OPTIONS>;
  readonly args: readonly string[];
  readonly streams: Streams;
  readonly runDir: string;
  readonly client: Client;
  /** Aborted by SIGINT, SIGTERM and SIGHUP, unless the command takes those itself. */
  readonly signal: AbortSignal;
  readonly print: (text: string) => Promise<void>;
  /** A remark on standard error. */
  readonly warn: (text: string) => void;
}

export interface Command<S extends OptionSpecs = OptionSpecs> {
  readonly name: string;
  /** One line for the list of commands. */
  readonly summary: string;
  /** What follows the name, one line a form: `POD [-c CONTAINER]`. */
  readonly usage: readonly string[];
  /** Sentences below the usage. */
  readonly notes?: string | undefined;
  readonly options: S;
  /** How many arguments without a dash it takes. */
  readonly args: { readonly min: number; readonly max: number };
  /** Arguments from this one on belong to another program: options end there, or at `--`. */
  readonly commandFrom?: number | undefined;
  /** Takes every option as it is: `agent` has kubelet's. */
  readonly rawArguments?: boolean | undefined;
  run(invocation: Invocation<S>): Promise<number>;
}

/** For the types of `options` in `run`. */
export function defineCommand<const S extends OptionSpecs>(command: Command<S>): Command<S> {
  return command;
}

export const COMMON_OPTIONS = {
  "run-dir": {
    kind: "string",
    value: "DIR",
    help: `the daemon's run directory, also NODELET_RUN_DIR (default ${DEFAULT_RUN_DIR})`,
  },
  help: { kind: "flag", short: "h", help: "this text" },
} as const satisfies OptionSpecs;

export const NAMESPACE_OPTION = {
  namespace: {
    kind: "string",
    short: "n",
    value: "NAMESPACE",
    help: "of the pod (default default); a pod may also be named as NAMESPACE/POD",
  },
} as const satisfies OptionSpecs;

export const OUTPUT_OPTION = {
  output: { kind: "string", short: "o", value: "json|yaml", help: "print the objects instead of a table" },
} as const satisfies OptionSpecs;

/** The command line is wrong. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

export interface Parsed {
  readonly options: Readonly<Record<string, string | number | boolean | undefined>>;
  readonly args: readonly string[];
}

/** Throws UsageError. */
export function parseArguments(command: Command, argv: readonly string[]): Parsed {
  const specs: OptionSpecs = { ...command.options, ...COMMON_OPTIONS };
  const options: Record<string, string | number | boolean | undefined> = {};
  for (const [name, { kind }] of Object.entries(specs)) options[name] = kind === "flag" ? false : undefined;
  const byShort = new Map(
    Object.entries(specs).flatMap(([name, { short }]) => (short === undefined ? [] : [[short, name] as const])),
  );
  const args: string[] = [];
  const dashes = argv.indexOf("--");
  /** Where options end. */
  let end = argv.length;
  if (command.commandFrom !== undefined && dashes !== -1) end = dashes;

  const set = (name: string, shown: string, value: string | undefined): void => {
    const spec = specs[name];
    if (spec === undefined) return;
    if (spec.kind === "flag") {
      if (value === undefined || value === "true") options[name] = true;
      else if (value === "false") options[name] = false;
      else throw new UsageError(`${shown} takes no value`);
    } else if (value === undefined) {
      throw new UsageError(`${shown} needs a value: ${spec.value ?? "VALUE"}`);
    } else if (spec.kind === "number") {
      if (!/^-?\d+$/.test(value) || !Number.isSafeInteger(Number(value))) {
        throw new UsageError(`${shown} needs a whole number, not ${JSON.stringify(value)}`);
      }
      options[name] = Number(value);
    } else {
      options[name] = value;
    }
  };

  let index = 0;
  for (; index < end; index++) {
    const word = argv[index] ?? "";
    if (word === "--") {
      index++;
      break;
    }
    if (word.startsWith("--")) {
      const equals = word.indexOf("=");
      const name = word.slice(2, equals === -1 ? undefined : equals);
      const spec = specs[name];
      if (spec === undefined)
        throw unknownOption(
          `--${name}`,
          Object.keys(specs).map((known) => `--${known}`),
        );
      if (equals !== -1) set(name, `--${name}`, word.slice(equals + 1));
      else if (spec.kind === "flag") set(name, `--${name}`, undefined);
      else set(name, `--${name}`, index + 1 < end ? argv[++index] : undefined);
    } else if (word.startsWith("-") && word !== "-") {
      for (let at = 1; at < word.length; at++) {
        const letter = word[at] ?? "";
        const name = byShort.get(letter);
        if (name === undefined)
          throw unknownOption(
            `-${letter}`,
            [...byShort.keys()].map((known) => `-${known}`),
          );
        if (specs[name]?.kind === "flag") {
          set(name, `-${letter}`, undefined);
          continue;
        }
        const rest = word.slice(at + 1).replace(/^=/, "");
        set(name, `-${letter}`, rest !== "" ? rest : index + 1 < end ? argv[++index] : undefined);
        break;
      }
    } else {
      args.push(word);
      // Without `--`, everything from the command's first word on is the command's.
      if (command.commandFrom !== undefined && dashes === -1 && args.length > command.commandFrom) {
        index++;
        break;
      }
    }
  }
  if (index <= end && argv[index] === "--") index++;
  args.push(...argv.slice(index));

  if (options["help"] !== true) checkArguments(command, args);
  return { options, args };
}

function checkArguments(command: Command, args: readonly string[]): void {
  if (args.length < command.args.min) {
    throw new UsageError(`too few arguments: it is \`nodelet ${command.name} ${command.usage[0] ?? ""}\``);
  }
  if (args.length > command.args.max) {
    throw new UsageError(
      `${JSON.stringify(args[command.args.max])} is one argument too many: it is \`nodelet ${command.name} ${command.usage[0] ?? ""}\``.trimEnd(),
    );
  }
}

function unknownOption(given: string, known: readonly string[]): UsageError {
  const near = nearestWord(given, known);
  return new UsageError(`unknown option ${given}${near === undefined ? "" : `, did you mean ${near}?`}`);
}

export function runDirOf(option: string | undefined, env: Streams["env"]): string {
  return option ?? (env["NODELET_RUN_DIR"] || DEFAULT_RUN_DIR);
}

export function socketPath(runDir: string): string {
  return join(runDir, "nodelet.sock");
}

export function helpText(command: Command): string {
  const usage = command.usage.map((form, index) =>
    `${index === 0 ? "Usage: " : "       "}nodelet ${command.name} ${form}`.trimEnd(),
  );
  const lines = [...usage, "", `${command.summary[0]?.toUpperCase() ?? ""}${command.summary.slice(1)}.`];
  if (command.notes !== undefined) lines.push("", ...command.notes.trim().split("\n"));
  lines.push("", "Options:", ...optionLines({ ...command.options, ...COMMON_OPTIONS }));
  return `${lines.join("\n")}\n`;
}

/** Columns of an option's own text before its explanation begins. */
const OPTION_WIDTH = 26;

export function optionLines(specs: OptionSpecs): string[] {
  return Object.entries(specs).map(([name, spec]) => {
    const short = spec.short === undefined ? "    " : `-${spec.short}, `;
    const value = spec.kind === "flag" ? "" : ` ${spec.value ?? "VALUE"}`;
    return `  ${`${short}--${name}${value}`.padEnd(OPTION_WIDTH)}  ${spec.help}`;
  });
}

/** `POD` or `NAMESPACE/POD`. Throws UsageError. */
export function podName(word: string, namespace: string | undefined): { namespace: string; pod: string } {
  const [first = "", second, ...more] = word.split("/");
  if (more.length > 0 || first === "" || second === "")
    throw new UsageError(`${JSON.stringify(word)} is not the name of a pod: write POD or NAMESPACE/POD`);
  if (second === undefined) return { namespace: namespace ?? "default", pod: first };
  if (namespace !== undefined && namespace !== first)
    throw new UsageError(`${word} is not in namespace ${namespace}: leave out one of the two`);
  return { namespace: first, pod: second };
}

/** Resolves when the stream takes more. */
export function write(stream: Writable, data: string | Uint8Array): Promise<void> {
  if (stream.destroyed || stream.write(data)) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off("drain", done);
      stream.off("close", done);
      resolve();
    };
    stream.on("drain", done);
    stream.on("close", done);
  });
}
