/**
 * Which images may be removed to make room, as kubelet's image manager decides it: none that a container has, none that is pinned, none
 * that came a moment ago; the one that was used longest ago goes first. Pure.
 *
 * Source: kubernetes, pkg/kubelet/images/image_gc_manager.go (behaviour); KubeletConfiguration imageMinimumGCAge, imageMaximumGCAge.
 */

export interface GarbagePolicy {
  /** An image that has been here for less stays: a pod that wants it may be on its way. Milliseconds. @default 0 */
  readonly minAgeMs?: number | undefined;
  /** Only images that nothing has used for longer. Milliseconds. @default 0 */
  readonly unusedMs?: number | undefined;
}

export interface ImageAge {
  readonly id: string;
  readonly pinned: boolean;
  /** A container has it, running or not. */
  readonly inUse: boolean;
  /** Milliseconds since the epoch: when it came, and when a container was last made from it or it was loaded again. */
  readonly added: number;
  readonly lastUsed: number;
}

/** Ids in the order in which they should go. */
export function removable(images: readonly ImageAge[], policy: GarbagePolicy, now: number): string[] {
  const { minAgeMs = 0, unusedMs = 0 } = policy;
  return images
    .filter(
      (image) => !image.inUse && !image.pinned && now - image.added >= minAgeMs && now - image.lastUsed >= unusedMs,
    )
    .toSorted((a, b) => a.lastUsed - b.lastUsed || a.added - b.added)
    .map((image) => image.id);
}
