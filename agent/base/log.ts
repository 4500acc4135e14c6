// The daemon's log: structured lines on standard error. JSON for machines, one readable line each on a terminal.

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type LogLevel = (typeof LOG_LEVELS)[number];

/** Values of a line, such as `{ pod: "default/web", error }`. An Error under `error` or `err` is written with its causes. */
export type LogFields = Readonly<Record<string, unknown>>;

export interface LogLine {
  (message: string): void;
  (fields: LogFields, message: string): void;
}

export interface Logger {
  readonly trace: LogLine;
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  readonly fatal: LogLine;
  /** A logger whose lines all have these fields. */
  child(fields: LogFields): Logger;
  isEnabled(level: LogLevel): boolean;
  /** From now on, for it, the logger that it is a child of and all their children. */
  setLevel(level: LogLevel): void;
}

export interface LogOptions {
  /** @default "info" */
  readonly level?: LogLevel | undefined;
  /** @default "pretty" on a terminal, else "json" */
  readonly format?: "json" | "pretty" | undefined;
  /** Takes whole lines. @default standard error, written at once: the last line before a crash is the one that matters */
  readonly write?: ((line: string) => void) | undefined;
}

/** What pino makes, as far as it is used. */
interface Target {
  readonly trace: LogLine;
  readonly debug: LogLine;
  readonly info: LogLine;
  readonly warn: LogLine;
  readonly error: LogLine;
  readonly fatal: LogLine;
  child(fields: object): Target;
}

/** Loads pino: commands that keep no log do without it. */
export async function createLogger(options: LogOptions = {}): Promise<Logger> {
  const { level = "info", write } = options;
  const { pino } = await import("pino");
  const pretty = (options.format ?? (process.stderr.isTTY ? "pretty" : "json")) === "pretty";
  const sink = write === undefined ? pino.destination({ dest: 2, sync: true }) : { write };
  const settings = {
    // The level is looked at before: pino's children would keep theirs.
    level: "trace",
    base: null,
    timestamp: () => `,"time":"${new Date().toISOString()}"`,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { error: serializeError, err: serializeError },
  };
  const target = pino(settings, pretty ? { write: (line: string) => void sink.write(prettyLine(line)) } : sink);
  return wrap(target, { level });
}

function wrap(target: Target, shared: { level: LogLevel }): Logger {
  const isEnabled = (level: LogLevel): boolean => LOG_LEVELS.indexOf(level) >= LOG_LEVELS.indexOf(shared.level);
  const lineOf = (level: LogLevel): LogLine => {
    const write = target[level].bind(target) as (...args: readonly unknown[]) => void;
    return (...args: readonly unknown[]) => {
      if (isEnabled(level)) write(...args);
    };
  };
  return {
    trace: lineOf("trace"),
    debug: lineOf("debug"),
    info: lineOf("info"),
    warn: lineOf("warn"),
    error: lineOf("error"),
    fatal: lineOf("fatal"),
    child: (fields) => wrap(target.child(fields), shared),
    isEnabled,
    setLevel(level) {
      shared.level = level;
    },
  };
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
  setLevel: () => undefined,
};

function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: serializeError(error.cause) };
  return { message: error.message, ...code, stack: error.stack, ...cause };
}

/** `12:34:56.789 warn  message key=value`, from one line of JSON. An error's stack follows on lines of its own. */
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
      if (typeof value.stack === "string") stack += `\n${value.stack.replace(/^/gm, "    ")}`;
    } else {
      text += ` ${key}=${formatValue(value)}`;
    }
  }
  return `${text}${stack}\n`;
}

function formatValue(value: unknown): string {
  if (typeof value === "string" && /^[\w./:@+-]+$/.test(value)) return value;
  return JSON.stringify(value);
}
