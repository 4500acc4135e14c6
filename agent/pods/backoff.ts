// How long a container that ended waits for its next start: 10 s, doubling to 300 s, forgotten after it ran for 10 minutes.

export interface BackoffEntry {
  readonly delayMs: number;
  /** When the delay was last raised: at a start. Milliseconds since the epoch. */
  readonly at: number;
}

export const INITIAL_DELAY_MS = 10_000;
export const MAX_DELAY_MS = 300_000;

/** A run this many times longer than the longest delay clears the record. */
const RESET_FACTOR = 2;

function isForgotten(entry: BackoffEntry, finishedAt: number, maxMs: number): boolean {
  return finishedAt - entry.at > maxMs * RESET_FACTOR;
}

/** When what ended at `finishedAt` may start again; undefined: now. */
export function backoffUntil(
  entry: BackoffEntry | undefined,
  finishedAt: number,
  now: number,
  maxMs = MAX_DELAY_MS,
): number | undefined {
  if (entry === undefined || isForgotten(entry, finishedAt, maxMs)) return undefined;
  const until = finishedAt + Math.min(entry.delayMs, maxMs);
  return until > now ? until : undefined;
}

/** The entry after a start at `now` of what ended at `finishedAt`. */
export function raiseBackoff(
  entry: BackoffEntry | undefined,
  finishedAt: number,
  now: number,
  maxMs = MAX_DELAY_MS,
): BackoffEntry {
  if (entry === undefined || isForgotten(entry, finishedAt, maxMs))
    return { delayMs: Math.min(INITIAL_DELAY_MS, maxMs), at: now };
  return { delayMs: Math.min(entry.delayMs * 2, maxMs), at: now };
}

/** The entry of a container that an earlier run of the agent restarted: the number of restarts in its sandbox tells how far the delay had grown. */
export function restoreBackoff(restarts: number, startedAt: number, maxMs = MAX_DELAY_MS): BackoffEntry | undefined {
  if (restarts === 0) return undefined;
  return { delayMs: Math.min(INITIAL_DELAY_MS * 2 ** Math.min(restarts - 1, 16), maxMs), at: startedAt };
}
