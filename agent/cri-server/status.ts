// Errors as gRPC clients know them.

import { describeError, NodeletError, type ErrorCode } from "../base/errors.ts";

/** Codes of gRPC, https://grpc.io/docs/guides/status-codes/ */
const CODES: Readonly<Record<ErrorCode, number>> = {
  invalid: 3, // INVALID_ARGUMENT
  "not-found": 5, // NOT_FOUND
  exists: 6, // ALREADY_EXISTS
  conflict: 9, // FAILED_PRECONDITION
  denied: 7, // PERMISSION_DENIED
  unsupported: 12, // UNIMPLEMENTED
  exhausted: 8, // RESOURCE_EXHAUSTED
  unavailable: 14, // UNAVAILABLE
  cancelled: 1, // CANCELLED
  timeout: 4, // DEADLINE_EXCEEDED
  internal: 13, // INTERNAL
};

/** The message travels in a header, whose size clients limit. */
const MESSAGE_CHARACTERS_MAX = 4_000;

export interface GrpcStatus {
  readonly code: number;
  readonly details: string;
}

export function statusOf(error: unknown): GrpcStatus {
  const text = describeError(error);
  return {
    code: CODES[error instanceof NodeletError ? error.code : "internal"],
    details: text.length > MESSAGE_CHARACTERS_MAX ? `${text.slice(0, MESSAGE_CHARACTERS_MAX)}...` : text,
  };
}
