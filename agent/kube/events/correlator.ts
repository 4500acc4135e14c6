/**
 * Which events reach the API server, and as what: an object that has too many loses some, similar ones are told as one, equal ones are
 * counted. Source: client-go, tools/record/events_cache.go, whose numbers and keys these are.
 */
import type { Clock } from "../../base/clock.ts";
import { TokenBucket } from "../rate-limit.ts";

/** Of one source about one object: so many at once, and one more every five minutes. */
const SPAM = { burst: 25, perSecond: 1 / 300 };
/** From so many different messages of one reason within the interval on, they are told as one. */
const SIMILAR_MAX = 10;
const SIMILAR_INTERVAL_MS = 600_000;
/** Of each of the caches. */
const CACHE_SIZE = 4_096;

export interface ObjectRef {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  /** `spec.containers{web}` */
  readonly fieldPath?: string | undefined;
}

export interface NewEvent {
  readonly type: "Normal" | "Warning";
  /** In CamelCase: `FailedMount`. */
  readonly reason: string;
  readonly message: string;
  readonly about: ObjectRef;
}

/** An event to be created, or to be counted up. */
export interface CountedEvent extends NewEvent {
  readonly name: string;
  readonly count: number;
  /** Milliseconds since the epoch. */
  readonly firstTime: number;
  readonly lastTime: number;
}

interface Similar {
  readonly messages: Set<string>;
  lastTime: number;
}

interface Told {
  readonly name: string;
  count: number;
  readonly firstTime: number;
}

export class EventCorrelator {
  readonly #clock: Clock;
  readonly #buckets = new Recent<TokenBucket>(CACHE_SIZE);
  readonly #similar = new Recent<Similar>(CACHE_SIZE);
  readonly #told = new Recent<Told>(CACHE_SIZE);
  #sequence = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Undefined: left out, there were too many. `count` 1: to be created. */
  take(event: NewEvent): CountedEvent | undefined {
    const now = Number(this.#clock.now() / 1_000_000n);
    const { message, key } = this.#aggregated(event, now);
    const before = this.#told.get(key);
    const entry: Told =
      before === undefined
        ? { name: this.#nameFor(event.about, now), count: 1, firstTime: now }
        : { ...before, count: before.count + 1 };
    this.#told.set(key, entry);
    if (!this.#bucketOf(event).tryTake()) return undefined;
    return { ...event, message, ...entry, lastTime: now };
  }

  /** Its message, and what it is counted by. */
  #aggregated({ about, type, reason, message }: NewEvent, now: number): { message: string; key: string } {
    const together = JSON.stringify([aboutKey(about), type, reason]);
    let similar = this.#similar.get(together);
    if (similar === undefined || now - similar.lastTime > SIMILAR_INTERVAL_MS) {
      similar = { messages: new Set(), lastTime: now };
    }
    similar.messages.add(message);
    similar.lastTime = now;
    this.#similar.set(together, similar);
    if (similar.messages.size < SIMILAR_MAX) {
      return { message, key: JSON.stringify([together, about.fieldPath, message]) };
    }
    // One goes, so that the set does not grow while they go on coming.
    const [oldest = ""] = similar.messages;
    similar.messages.delete(oldest);
    return { message: `(combined from similar events): ${message}`, key: together };
  }

  #bucketOf({ about }: NewEvent): TokenBucket {
    const key = aboutKey(about);
    const bucket = this.#buckets.get(key) ?? new TokenBucket(SPAM, this.#clock);
    this.#buckets.set(key, bucket);
    return bucket;
  }

  /** As client-go names them, but never twice the same within a millisecond. */
  #nameFor(about: ObjectRef, now: number): string {
    this.#sequence = (this.#sequence + 1) % 1_000_000;
    return `${about.name}.${(BigInt(now) * 1_000_000n + BigInt(this.#sequence)).toString(16)}`;
  }
}

function aboutKey({ apiVersion, kind, namespace, name, uid }: ObjectRef): string {
  return JSON.stringify([apiVersion, kind, namespace, name, uid]);
}

/** A map that forgets what was used longest ago. */
class Recent<V> {
  readonly #size: number;
  readonly #entries = new Map<string, V>();

  constructor(size: number) {
    this.#size = size;
  }

  get(key: string): V | undefined {
    return this.#entries.get(key);
  }

  set(key: string, value: V): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size <= this.#size) return;
    const oldest = this.#entries.keys().next();
    if (oldest.done !== true) this.#entries.delete(oldest.value);
  }
}
