// Progress of images as a reader can follow it.

import type { LoadProgress } from "../../images/images.ts";

/** A line of progress of the same layer and phase is sent no more often. */
const INTERVAL_MS = 100;

export function progressLines(write: (event: LoadProgress) => void): (event: LoadProgress) => void {
  const sent = new Map<string, { phase: LoadProgress["phase"]; at: number }>();
  return (event) => {
    const now = performance.now();
    const last = sent.get(event.layer);
    if (last?.phase === event.phase && now - last.at < INTERVAL_MS) return;
    sent.set(event.layer, { phase: event.phase, at: now });
    write(event);
  };
}
