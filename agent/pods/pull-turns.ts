// How the pods of a node take turns at their registries: KubeletConfiguration's serializeImagePulls, maxParallelImagePulls,
// registryPullQPS and registryBurst. Pulls that people or CRI clients ask for are not counted, as with kubelet.

import type { Clock } from "../base/clock.ts";
import { NodeletError } from "../base/errors.ts";
import { Semaphore } from "../base/limits.ts";
import { TokenBucket, type Rate } from "../kube/rate-limit.ts";

export interface PullLimits {
  /** Pulls at a time; undefined: as many as are asked for. */
  readonly parallel: number | undefined;
  /** Pulls a second; one that comes too early fails. */
  readonly rate: Rate;
}

export class PullTurns {
  readonly #places: Semaphore | undefined;
  readonly #bucket: TokenBucket;

  constructor({ parallel, rate }: PullLimits, clock: Clock) {
    this.#places = parallel === undefined ? undefined : new Semaphore(parallel);
    this.#bucket = new TokenBucket(rate, clock);
  }

  /** Runs the pull when its turn has come; `exhausted` when there were too many of late. The signal ends the wait. */
  async run<T>(pull: () => Promise<T>, signal: AbortSignal): Promise<T> {
    const limited = async (): Promise<T> => {
      if (!this.#bucket.tryTake()) {
        throw new NodeletError("exhausted", "pull QPS exceeded", {
          fix: "It is tried again; registryPullQPS and registryBurst of KubeletConfiguration set the limit",
        });
      }
      return await pull();
    };
    return this.#places === undefined ? await limited() : await this.#places.run(limited, { signal });
  }
}
