// How a session ended, as its error stream says it: a `Status` of the Kubernetes API from version 4 of the remote command protocol,
// plain text of a failure before.

import type { ExitResult } from "../cri/runtime.ts";
import { describeError } from "../base/errors.ts";

export interface RemoteStatus {
  readonly metadata: Record<string, never>;
  readonly status: "Success" | "Failure";
  readonly message?: string | undefined;
  readonly reason?: string | undefined;
  readonly code?: number | undefined;
  readonly details?: { readonly causes: readonly { readonly reason: string; readonly message: string }[] } | undefined;
}

export function statusOfExit(exit: ExitResult): RemoteStatus {
  if (exit.exitCode === 0) return { metadata: {}, status: "Success" };
  return {
    metadata: {},
    status: "Failure",
    reason: "NonZeroExitCode",
    message: `command terminated with non-zero exit code: exit status ${exit.exitCode}`,
    details: { causes: [{ reason: "ExitCode", message: String(exit.exitCode) }] },
  };
}

/** `doing` for a client of Kubernetes', which knows such a failure by its words and code: `executing command in`, `attaching to`. */
export function statusOfError(error: unknown, doing?: string): RemoteStatus {
  const failure = { metadata: {}, status: "Failure", reason: "InternalError" } as const;
  const text = describeError(error);
  if (doing === undefined) return { ...failure, message: text };
  return { ...failure, message: `Internal error occurred: error ${doing} container: ${text}`, code: 500 };
}

/** For protocols before version 4: nothing after success. */
export function textOfStatus(status: RemoteStatus): string {
  return status.status === "Success" ? "" : (status.message ?? "");
}

/** The exit code that a status tells; undefined when the session failed otherwise. */
export function exitCodeOf(status: RemoteStatus): number | undefined {
  if (status.status === "Success") return 0;
  if (status.reason !== "NonZeroExitCode") return undefined;
  const code = Number(status.details?.causes.find((cause) => cause.reason === "ExitCode")?.message);
  return Number.isInteger(code) ? code : undefined;
}
