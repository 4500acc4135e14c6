// Removes images that nothing uses when their file system fills up, or when they have not been used for long: kubelet's image manager.
//
// Source: kubernetes, pkg/kubelet/images/image_gc_manager.go (behaviour), pkg/kubelet/kubelet.go (every five minutes).

import type { Clock } from "../base/clock.ts";
import { describeError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { ImageStore } from "../images/images.ts";
import type { System } from "../system/system.ts";

const INTERVAL_MS = 300_000;
/** An age may be shorter than the interval; looks are never closer than this. */
const SHORTEST_INTERVAL_MS = 1_000;
/** A high threshold of this many percent: never for the sake of room. */
const NEVER = 100;
const KIBIBYTE = 1024n;

export interface ImageGarbageOptions {
  readonly images: Pick<ImageStore, "prune" | "usage">;
  readonly system: Pick<System, "statfs">;
  readonly clock: Clock;
  readonly log: Logger;
  /** Percent of the file system that is used, from which images are removed, and down to which. */
  readonly highPercent: number;
  readonly lowPercent: number;
  readonly minAgeMs: number;
  /** Unused for longer; 0: never for its age. */
  readonly maxAgeMs: number;
  /** Called after each look. */
  readonly afterwards?: (() => Promise<void>) | undefined;
  /** What an operator should know of. */
  readonly report: (event: { type: "Warning"; reason: string; message: string }) => void;
}

/** Looks at once and then every five minutes, until the signal is aborted. */
export async function collectImages(options: ImageGarbageOptions, signal: AbortSignal): Promise<void> {
  const { clock, log, maxAgeMs } = options;
  const waitMs = maxAgeMs === 0 ? INTERVAL_MS : Math.max(SHORTEST_INTERVAL_MS, Math.min(INTERVAL_MS, maxAgeMs));
  while (!signal.aborted) {
    try {
      await collectOnce(options, signal);
      await options.afterwards?.();
    } catch (error) {
      if (!signal.aborted) log.warn({ error: describeError(error) }, "unused images could not be looked at");
    }
    await clock.sleep(waitMs, { signal }).catch(() => undefined);
  }
}

async function collectOnce(options: ImageGarbageOptions, signal: AbortSignal): Promise<void> {
  const { images, log, minAgeMs, maxAgeMs } = options;
  if (maxAgeMs > 0) {
    const { removed } = await images.prune({ minAgeMs, unusedMs: maxAgeMs, signal });
    if (removed.length > 0)
      log.info({ removed: removed.map(nameOf) }, "images were removed that nothing used for long");
  }
  const bytes = await excess(options);
  if (bytes === 0n) return;
  const { removed, bytes: freed } = await images.prune({ minAgeMs, bytes, signal });
  log.info({ wanted: String(bytes), freed: String(freed), removed: removed.map(nameOf) }, "images made room");
  if (freed >= bytes) return;
  const message =
    `The file system of images is over its threshold of ${options.highPercent}% (imageGCHighThresholdPercent). ` +
    `Wanted to free ${bytes / KIBIBYTE} KiB, but unused images gave ${freed / KIBIBYTE} KiB`;
  options.report({ type: "Warning", reason: "FreeDiskSpaceFailed", message });
}

/** Bytes that are to be freed; 0: there is room. */
async function excess({ images, system, highPercent, lowPercent }: ImageGarbageOptions): Promise<bigint> {
  if (highPercent >= NEVER) return 0n;
  const { mountpoint } = await images.usage();
  const { blockSize, blocks, available: free } = await system.statfs(mountpoint);
  const capacity = blocks * blockSize;
  const available = free * blockSize;
  if (capacity === 0n || 100n - (available * 100n) / capacity < BigInt(highPercent)) return 0n;
  const wanted = (capacity * BigInt(100 - lowPercent)) / 100n - available;
  return wanted > 0n ? wanted : 0n;
}

function nameOf({ id, tags, digests }: { id: string; tags: readonly string[]; digests: readonly string[] }): string {
  return tags[0] ?? digests[0] ?? id;
}
