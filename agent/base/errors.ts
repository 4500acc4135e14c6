// The one kind of error that nodelet shows to people and programs: what failed, why, and what to do about it.

/** Error classes that callers act on; the CRI server maps them to gRPC codes, the HTTP server to status codes. */
export type ErrorCode =
  | "invalid" // the input is wrong; the same call fails again until it is changed
  | "not-found"
  | "exists"
  | "conflict" // the object is in a state that forbids the call
  | "denied"
  | "unsupported" // this host or this version cannot do it
  | "exhausted" // disk, inodes, memory, addresses, ports
  | "unavailable" // may work later: a peer is away, a start-up is under way
  | "cancelled"
  | "timeout"
  | "internal";

export interface ErrorOptions {
  /** What the reader can do; one sentence, imperative. */
  readonly fix?: string | undefined;
  /** The file, field path or object concerned, such as `web.yaml: spec.containers[0].image`. */
  readonly where?: string | undefined;
  readonly cause?: unknown;
}

export class NodeletError extends Error {
  override readonly name = "NodeletError";
  readonly code: ErrorCode;
  readonly fix: string | undefined;
  readonly where: string | undefined;

  constructor(code: ErrorCode, message: string, options: ErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.fix = options.fix;
    this.where = options.where;
  }
}

export function isNodeletError(error: unknown, code?: ErrorCode): error is NodeletError {
  return error instanceof NodeletError && (code === undefined || error.code === code);
}

/** True for a Node.js system error (`ENOENT` ...) or an error of the native addon with one of these codes. */
export function isErrno(error: unknown, ...codes: string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

/** One line for people: `where: message: cause; fix`. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What failed first is what counts; that it could not be undone comes on top.
  if (error instanceof SuppressedError)
    return `${describeError(error.suppressed)}; undoing it failed too: ${describeError(error.error)}`;
  if (error instanceof AggregateError) return `${error.message}: ${error.errors.map(describeError).join("; ")}`;
  const where = error instanceof NodeletError && error.where !== undefined ? `${error.where}: ` : "";
  const cause = error.cause === undefined ? "" : `: ${describeError(error.cause)}`;
  const fix = error instanceof NodeletError && error.fix !== undefined ? ` (${error.fix})` : "";
  return `${where}${error.message}${cause}${fix}`;
}
