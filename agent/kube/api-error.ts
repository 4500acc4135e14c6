// What an API server answers instead of what was asked for: its Status object as an error.

import { type ErrorCode, NodeletError } from "../base/errors.ts";
import { isMapping } from "../base/shapes.ts";

/** The longest piece of an answer that is no Status which goes into a message. */
const MAX_QUOTED = 200;

export interface StatusCause {
  readonly reason?: string | undefined;
  readonly message?: string | undefined;
  readonly field?: string | undefined;
}

/** `where` is the request: `GET /api/v1/nodes/a`. */
export class ApiError extends NodeletError {
  /** Of HTTP. */
  readonly status: number;
  /** metav1.StatusReason: `AlreadyExists`, `Expired` ...; empty when the server gave none. */
  readonly reason: string;
  /** What the server asked for. */
  readonly retryAfterMs: number | undefined;
  readonly causes: readonly StatusCause[];

  constructor(
    status: number,
    message: string,
    options: {
      where?: string | undefined;
      reason?: string | undefined;
      retryAfterMs?: number | undefined;
      causes?: readonly StatusCause[] | undefined;
      fix?: string | undefined;
    } = {},
  ) {
    super(codeOf(status, options.reason), message, { where: options.where, fix: options.fix });
    this.status = status;
    this.reason = options.reason ?? "";
    this.retryAfterMs = options.retryAfterMs;
    this.causes = options.causes ?? [];
  }
}

function codeOf(status: number, reason: string | undefined): ErrorCode {
  if (reason === "AlreadyExists") return "exists";
  if (status === 401 || status === 403) return "denied";
  if (status === 404) return "not-found";
  if (status === 409 || status === 410) return "conflict";
  if (status === 408 || status === 504) return "timeout";
  if (status === 429 || status >= 500) return "unavailable";
  return "invalid";
}

/** The resourceVersion or continue token asked for is older than what the server keeps: list anew. */
export function isGone(error: unknown): boolean {
  return error instanceof ApiError && (error.status === 410 || error.reason === "Expired" || error.reason === "Gone");
}

/** The version asked for is newer than anything the server has: its storage was put back to an older state. */
export function isVersionTooLarge(error: unknown): boolean {
  return error instanceof ApiError && error.causes.some(({ reason }) => reason === "ResourceVersionTooLarge");
}

/** The server never began what was asked: it may be asked again, of whatever kind the request was. */
export function isThrottled(error: unknown): error is ApiError {
  return (
    error instanceof ApiError && (error.status === 429 || (error.status >= 500 && error.retryAfterMs !== undefined))
  );
}

/** The server, or the way to it, is away: it says nothing of what was asked. */
export function isUnreachable(error: unknown): boolean {
  return error instanceof NodeletError && (error.code === "unavailable" || error.code === "timeout");
}

/** From a metav1.Status, or from whatever else the server, or a proxy before it, answered. */
export function toApiError(
  status: number,
  body: unknown,
  options: { where?: string | undefined; retryAfterMs?: number | undefined } = {},
): ApiError {
  if (!isMapping(body) || body["kind"] !== "Status") {
    const text = (typeof body === "string" ? body : (JSON.stringify(body) ?? "")).trim();
    const quoted = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}...` : text;
    return new ApiError(status, `The API server answered ${status}${quoted === "" ? "" : `: ${quoted}`}`, options);
  }
  const details = isMapping(body["details"]) ? body["details"] : {};
  const seconds = details["retryAfterSeconds"];
  const causes = Array.isArray(details["causes"]) ? details["causes"].filter(isMapping) : [];
  const text = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
  const reason = text(body["reason"]);
  return new ApiError(status, text(body["message"]) ?? `The API server answered ${status} ${reason ?? ""}`.trim(), {
    where: options.where,
    reason,
    retryAfterMs: options.retryAfterMs ?? (typeof seconds === "number" && seconds > 0 ? seconds * 1000 : undefined),
    causes: causes.map(({ reason: why, message, field }) => ({
      reason: text(why),
      message: text(message),
      field: text(field),
    })),
  });
}
