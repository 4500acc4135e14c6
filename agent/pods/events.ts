// What happened to pods, for people: the newest ones, equal ones counted.

import type { Clock } from "../base/clock.ts";
import type { PodEvent } from "./manager.ts";

/** Events kept; some 300 bytes each. */
const CAPACITY = 1_000;
/** Equal events within this time count as one. */
const AGGREGATION_MS = 10 * 60_000;
/** Longer messages are cut, as the API server would. */
const MAX_MESSAGE = 1_024;

export interface NewEvent {
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  readonly pod: string;
  readonly container?: string | undefined;
}

export class EventRing {
  readonly #clock: Clock;
  readonly #onEvent: (event: PodEvent) => void;
  /** In the order of their sequence; the key tells equal ones. */
  readonly #events = new Map<string, PodEvent>();
  #sequence = 0;

  constructor(clock: Clock, onEvent: (event: PodEvent) => void = () => undefined) {
    this.#clock = clock;
    this.#onEvent = onEvent;
  }

  add(event: NewEvent): PodEvent {
    const time = Number(this.#clock.now() / 1_000_000n);
    const message =
      event.message.length > MAX_MESSAGE ? `${event.message.slice(0, MAX_MESSAGE - 3)}...` : event.message;
    const container = event.container;
    const key = JSON.stringify([event.pod, container, event.type, event.reason, message]);
    const before = this.#events.get(key);
    const sequence = ++this.#sequence;
    let count = 1;
    if (before !== undefined) {
      this.#events.delete(key);
      if (time - before.time <= AGGREGATION_MS) count = before.count + 1;
      else this.#events.set(`${key}${before.sequence}`, before);
    }
    const entry: PodEvent = {
      sequence,
      time,
      type: event.type,
      reason: event.reason,
      message,
      pod: event.pod,
      container,
      count,
    };
    this.#events.set(key, entry);
    if (this.#events.size > CAPACITY) {
      const oldest = this.#events.keys().next();
      if (oldest.done !== true) this.#events.delete(oldest.value);
    }
    this.#onEvent(entry);
    return entry;
  }

  list(): PodEvent[] {
    return [...this.#events.values()].toSorted((a, b) => a.sequence - b.sequence);
  }
}
