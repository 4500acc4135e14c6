// The progress of a pull as people read it: bars on a terminal, else a line whenever a layer comes to its next step. Pure.

import type { LoadProgress } from "../images/images.ts";
import { shortId } from "./ps.ts";
import { formatBytes } from "./table.ts";

export type LayerProgress = LoadProgress;

const WORDS: Readonly<Record<LoadProgress["phase"], string>> = {
  read: "waiting",
  download: "downloading",
  unpack: "unpacking",
  sync: "writing",
  done: "done",
};
const WORD_WIDTH = 11;
const BAR_WIDTH = { min: 10, max: 40 } as const;
/** The rate is that of the last seconds. */
const RATE_WINDOW_MS = 5_000;

export class PullProgress {
  readonly #layers = new Map<string, LoadProgress>();
  readonly #samples: { at: number; bytes: number }[] = [];

  /** A line for a log, when it says something new. `now` in milliseconds. */
  add(event: LoadProgress, now: number): string | undefined {
    const before = this.#layers.get(event.layer);
    // What follows is told without a size.
    const known = event.total ?? before?.total;
    this.#layers.set(event.layer, { ...event, total: known });
    this.#samples.push({ at: now, bytes: this.#downloaded() });
    while ((this.#samples[0]?.at ?? now) < now - RATE_WINDOW_MS) this.#samples.shift();
    if (before?.phase === event.phase || event.phase === "read") return undefined;
    if (event.phase === "done" && before === undefined) return `${shortId(event.layer)}: already here`;
    const size = event.phase === "download" && known !== undefined ? ` ${formatBytes(known)}` : "";
    return `${shortId(event.layer)}: ${WORDS[event.phase]}${size}`;
  }

  /** A line for each layer and one for all. */
  bars(columns: number, now: number): string[] {
    if (this.#layers.size === 0) return ["looking up the image"];
    const lines = [...this.#layers.values()].map((layer) => bar(layer, columns));
    const rate = this.#rate(now);
    const totals = [...this.#layers.values()].reduce((sum, { total = 0 }) => sum + total, 0);
    lines.push(
      `${formatBytes(this.#downloaded())} of ${formatBytes(totals)}${rate > 0 ? `, ${formatBytes(rate)}/s` : ""}`,
    );
    return lines;
  }

  #downloaded(): number {
    let sum = 0;
    for (const { phase, bytes, total = 0 } of this.#layers.values()) {
      sum += phase === "read" ? 0 : phase === "download" ? bytes : total;
    }
    return sum;
  }

  #rate(now: number): number {
    const first = this.#samples.find(({ at }) => at >= now - RATE_WINDOW_MS);
    const last = this.#samples.at(-1);
    if (first === undefined || last === undefined || last.at - first.at < 500) return 0;
    return Math.round(((last.bytes - first.bytes) / (last.at - first.at)) * 1000);
  }
}

function bar({ layer, phase, bytes, total = 0 }: LoadProgress, columns: number): string {
  const head = `${shortId(layer)}  ${WORDS[phase].padEnd(WORD_WIDTH)}`;
  if (phase !== "download" && phase !== "unpack") return head.trimEnd();
  const numbers = `${formatBytes(bytes)} of ${formatBytes(total)}`;
  const room = columns - head.length - numbers.length - 6;
  if (room < BAR_WIDTH.min) return `${head}  ${numbers}`;
  const width = Math.min(room, BAR_WIDTH.max);
  const filled = total === 0 ? width : Math.min(width, Math.floor((bytes / total) * width));
  return `${head}  [${"=".repeat(filled)}${" ".repeat(width - filled)}]  ${numbers}`;
}
