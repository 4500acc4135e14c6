// What `nodelet events` says of a pull: each layer's way through its phases.

import type { PullStep } from "../../images/images.ts";
import type { PodEvent } from "../../pods/manager.ts";

/** As many digits of a digest as people compare. */
const SHORT_DIGITS = 12;
const MEGABYTE = 1e6;

const WORDS = { read: "waits", download: "downloads", unpack: "unpacks", sync: "is synced", done: "is done" } as const;

export function pullEvent({ reference, progress }: PullStep): Pick<PodEvent, "type" | "reason" | "message"> {
  const { layer, phase, total } = progress;
  const short = layer.replace(/^[a-z0-9]+:/, "").slice(0, SHORT_DIGITS);
  const size = total === undefined || total === 0 ? "" : ` (${(total / MEGABYTE).toFixed(1)} MB)`;
  return { type: "Normal", reason: "PullProgress", message: `${reference}: layer ${short} ${WORDS[phase]}${size}` };
}
