// Container events to every subscriber, none lost while it is subscribed.

import type { ContainerEventResponse } from "../cri/runtime.ts";

export class EventHub {
  readonly #subscribers = new Set<(event: ContainerEventResponse) => void>();

  get idle(): boolean {
    return this.#subscribers.size === 0;
  }

  publish(event: ContainerEventResponse): void {
    for (const subscriber of this.#subscribers) subscriber(event);
  }

  /** Ends when the signal aborts. Events wait in memory for a slow reader. */
  async *subscribe(signal: AbortSignal | undefined): AsyncGenerator<ContainerEventResponse, void> {
    const waiting: ContainerEventResponse[] = [];
    let wake: (() => void) | undefined;
    const receive = (event: ContainerEventResponse): void => {
      waiting.push(event);
      wake?.();
    };
    const stop = (): void => wake?.();
    this.#subscribers.add(receive);
    signal?.addEventListener("abort", stop);
    try {
      while (signal?.aborted !== true) {
        const event = waiting.shift();
        if (event !== undefined) {
          yield event;
          continue;
        }
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
    } finally {
      this.#subscribers.delete(receive);
      signal?.removeEventListener("abort", stop);
    }
  }
}
