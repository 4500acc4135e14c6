// The daemon's log: structured lines on standard error. JSON for machines, one readable line each on a terminal.
//
// pino is loaded with the first line that is written: most commands never write one.

import { createRequire } from "node:module";
import type { Logger as Pino } from "pino";

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Values of a line, such as `{ pod: "default/web", error }`. An Error under `error` or `err` is written with its causes. */
export type LogFields = Readonly<Record<string, unknown>>;

interface Write {
  (message: string): void;
  (fields: LogFields, message: string): void;
}

export interface Logger {
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;
  /** A logger whose lines all have these fields. */
  child(fields: LogFields): Logger;
  isEnabled(level: LogLevel): boolean;
}

export interface LogOptions {
  /** @default "info" */
  readonly level?: LogLevel | undefined;
  /** @default "pretty" on a terminal, else "json" */
  readonly format?: "json" | "pretty" | undefined;
  /** Takes whole lines. @default standard error, written at once */
  readonly write?: ((line: string) => void) | undefined;
}

interface Shared {
  readonly level: number;
  root: Pino | undefined;
  readonly open: () => Pino;
}

class LazyLogger implements Logger {
  readonly #shared: Shared;
  readonly #fields: LogFields | undefined;
  readonly #parent: LazyLogger | undefined;
  #target: Pino | undefined;
  readonly trace: Write;
  readonly debug: Write;
  readonly info: Write;
  readonly warn: Write;
  readonly error: Write;
  readonly fatal: Write;

  constructor(shared: Shared, parent?: LazyLogger, fields?: LogFields) {
    this.#shared = shared;
    this.#parent = parent;
    this.#fields = fields;
    this.trace = this.#writer("trace");
    this.debug = this.#writer("debug");
    this.info = this.#writer("info");
    this.warn = this.#writer("warn");
    this.error = this.#writer("error");
    this.fatal = this.#writer("fatal");
  }

  child(fields: LogFields): Logger {
    return new LazyLogger(this.#shared, this, fields);
  }

  isEnabled(level: LogLevel): boolean {
    return LOG_LEVELS.indexOf(level) >= this.#shared.level;
  }

  #writer(level: LogLevel): Write {
    if (!this.isEnabled(level)) return () => undefined;
    return (first: string | LogFields, message?: string): void => {
      const target = this.#open();
      if (typeof first === "string") target[level](first);
      else target[level](first, message);
    };
  }

  #open(): Pino {
    this.#target ??=
      this.#parent === undefined || this.#fields === undefined
        ? (this.#shared.root ??= this.#shared.open())
        : this.#parent.#open().child(this.#fields);
    return this.#target;
  }
}

export function createLogger(options: LogOptions = {}): Logger {
  const { level = "info" } = options;
  const pretty = (options.format ?? (process.stderr.isTTY ? "pretty" : "json")) === "pretty";
  const write = options.write;
  const open = (): Pino => {
    const { pino } = createRequire(import.meta.url)("pino") as typeof import("pino");
    const sink = write === undefined ? pino.destination({ dest: 2, sync: true }) : { write };
    const settings = {
      level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label: string) => ({ level: label }) },
      serializers: { error: serializeError, err: serializeError },
    };
    return pino(settings, pretty ? { write: (line: string) => sink.write(prettyLine(line)) } : sink);
  };
  return new LazyLogger({ level: LOG_LEVELS.indexOf(level), root: undefined, open });
}

/** For tests and for callers that want no log. */
export const silentLogger: Logger = {
  trace: () => undefined,
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
  fatal: () => undefined,
  child: () => silentLogger,
  isEnabled: () => false,
};

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: serializeError(error.cause) };
  return { message: error.message, ...code, stack: error.stack, ...cause };
}

/** `12:34:56.789 warn  message key=value`, from one line of JSON. */
export function prettyLine(line: string): string {
  let fields: Record<string, unknown>;
  try {
    fields = JSON.parse(line) as Record<string, unknown>;
  } catch {
    return line; // whatever it is, it must not be lost
  }
  const { time, level, msg, ...rest } = fields;
  const clock = typeof time === "string" ? time.slice(11, 23) : "";
  let text = `${clock} ${String(level).padEnd(5)} ${typeof msg === "string" ? msg : ""}`;
  let stack = "";
  for (const [key, value] of Object.entries(rest)) {
    if (typeof value === "object" && value !== null && "message" in value && "stack" in value) {
      text += ` ${key}=${formatValue(value.message)}`;
      if (typeof value.stack === "string" && level !== "info") stack += `\n${value.stack.replace(/^/gm, "    ")}`;
    } else {
      text += ` ${key}=${formatValue(value)}`;
    }
  }
  return `${text}${stack}\n`;
}

function formatValue(value: unknown): string {
  if (typeof value === "string") return /^[\w./:@+-]+$/.test(value) ? value : JSON.stringify(value);
  return JSON.stringify(value);
}
