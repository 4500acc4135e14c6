// Programs that cannot be started because this process has no file descriptor left for their pipes.

import type { ChildProcess } from "node:child_process";

import { NodeletError } from "./errors.ts";

/**
 * The child, as it came from `spawn` or `fork`. Throws `exhausted` for one without streams: that is what Node.js gives when there are no
 * descriptors (EMFILE, ENFILE), with an event that would end the process if nobody listened.
 */
export function withStreams<T extends ChildProcess>(child: T, program: string): T {
  if ((child.stdio as readonly unknown[] | undefined) !== undefined) return child;
  child.once("error", () => undefined);
  throw new NodeletError("exhausted", `cannot start ${program}: too many open files (EMFILE)`, {
    fix: "raise the daemon's limit of open files, LimitNOFILE= of its unit",
  });
}
