// When a failed request is tried again, and after how long. Pure, but for chance.

import { type ErrorCode, isErrno, NodeletError } from "../../base/errors.ts";

/** What a registry answered instead of what was asked for. */
export class StatusError extends NodeletError {
  readonly status: number;
  /** What the registry asked for. */
  readonly retryAfterMs: number | undefined;

  constructor(status: number, message: string, options: { retryAfterMs?: number | undefined; fix?: string } = {}) {
    super(codeOf(status), message, { fix: options.fix });
    this.status = status;
    this.retryAfterMs = options.retryAfterMs;
  }
}

/** The registry says something that is wrong for good: asking it again does not help. */
export class ContentError extends NodeletError {
  constructor(message: string, options: { cause?: unknown; fix?: string } = {}) {
    super("invalid", message, options);
  }
}

/** The connection broke, stood still, or could not be made. */
export class ConnectionError extends NodeletError {
  constructor(message: string, cause?: unknown) {
    super("unavailable", message, { cause });
  }
}

function codeOf(status: number): ErrorCode {
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "not-found";
  if (status === 408 || status === 429 || status >= 500) return "unavailable";
  return "invalid";
}

export function isTransient(error: unknown): boolean {
  if (error instanceof StatusError) {
    return error.status === 408 || error.status === 425 || error.status === 429 || error.status >= 500;
  }
  return error instanceof ConnectionError;
}

const NETWORK_CODES = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENETDOWN",
  "EAI_AGAIN",
  "EADDRNOTAVAIL",
  "HPE_INVALID_EOF_STATE",
]);

/** Whether an error of Node's own client is one of the network. */
export function isNetworkFailure(error: unknown): boolean {
  return isErrno(error, ...NETWORK_CODES) || (error instanceof Error && error.message === "aborted");
}

export interface RetryPolicy {
  /** Failures in a row before it is given up. */
  readonly attempts: number;
  readonly baseMs: number;
  readonly maxMs: number;
  /** A registry that asks for a longer pause is not waited for. */
  readonly maxRetryAfterMs: number;
}

export const DEFAULT_RETRY: RetryPolicy = { attempts: 4, baseMs: 500, maxMs: 15_000, maxRetryAfterMs: 60_000 };

/** Milliseconds to wait after failure number `failures` (from 1); undefined: give up. `chance` is in [0, 1). */
export function retryDelay(
  error: unknown,
  failures: number,
  policy: RetryPolicy,
  chance = Math.random(),
): number | undefined {
  if (!isTransient(error) || failures >= policy.attempts) return undefined;
  const wanted = error instanceof StatusError ? error.retryAfterMs : undefined;
  if (wanted !== undefined) return wanted <= policy.maxRetryAfterMs ? wanted : undefined;
  const full = Math.min(policy.baseMs * 2 ** (failures - 1), policy.maxMs);
  return full * (0.5 + chance / 2);
}
