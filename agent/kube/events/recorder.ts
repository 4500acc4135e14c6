/**
 * Tells the API server what happens, as core/v1 Events. Nobody waits for it: events that cannot be told in time are lost.
 * Source: client-go, tools/record/event.go, whose numbers these are.
 */
import type { CoreV1Event } from "@kubernetes/client-node";

import type { Clock } from "../../base/clock.ts";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Wake } from "../../base/wake.ts";
import { ApiError, isUnreachable } from "../api-error.ts";
import type { KubeClient } from "../client.ts";
import { TokenBucket, type Rate } from "../rate-limit.ts";
import { EVENTS } from "../resources.ts";
import { type CountedEvent, EventCorrelator, type NewEvent } from "./correlator.ts";

const QUEUE_MAX = 1_000;
const TRIES = 12;
const RETRY_MS = 10_000;
const CALL_TIMEOUT_MS = 30_000;
/** The API server takes no longer ones. */
const MAX_MESSAGE = 1_024;

export interface EventRecorderOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  /** `kubelet`: who reports. */
  readonly component: string;
  /** The node's name. */
  readonly host: string;
  /** Events told a second; those that come faster wait. @default no limit */
  readonly rate?: Rate | undefined;
}

export interface EventRecorder extends AsyncDisposable {
  /** Returns at once, and never throws. */
  record(event: NewEvent): void;
  /** Events that were lost: too many at a time, or the server was away for too long. */
  readonly lost: number;
}

export function createEventRecorder(options: EventRecorderOptions): EventRecorder {
  return new Recorder(options);
}

class Recorder implements EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #correlator: EventCorrelator;
  readonly #wake: Wake;
  readonly #bucket: TokenBucket;
  readonly #queue: NewEvent[] = [];
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  lost = 0;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#correlator = new EventCorrelator(options.clock);
    this.#wake = new Wake(options.clock);
    this.#bucket = new TokenBucket(options.rate ?? { perSecond: 0, burst: 0 }, options.clock);
    this.#running = this.#run();
  }

  record(event: NewEvent): void {
    if (this.#stop.signal.aborted) return;
    if (this.#queue.length >= QUEUE_MAX) {
      this.lost++;
      return;
    }
    const { message } = event;
    this.#queue.push(
      message.length > MAX_MESSAGE ? { ...event, message: `${message.slice(0, MAX_MESSAGE - 3)}...` } : event,
    );
    this.#wake.ring();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("events are no longer recorded"));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    while (!signal.aborted) {
      const event = this.#queue.shift();
      if (event === undefined) {
        await this.#wake.wait(undefined, signal);
        continue;
      }
      const counted = this.#correlator.take(event);
      if (counted !== undefined) await this.#tell(counted, signal);
    }
  }

  async #tell(event: CountedEvent, signal: AbortSignal): Promise<void> {
    const { clock, log } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#bucket.take(signal);
        await this.#send(event, signal);
        return;
      } catch (error) {
        if (signal.aborted) return;
        if (!isUnreachable(error) || attempt >= TRIES) {
          this.lost++;
          const { reason, about } = event;
          log.debug({ reason, object: about.name, error: describeError(error) }, "an event could not be recorded");
          return;
        }
        // The first pause by chance, so that nodes that lost the server together do not come back together.
        const delay = attempt === 1 ? RETRY_MS * Math.random() : RETRY_MS;
        await clock.sleep(delay, { signal }).catch(() => undefined);
        if (signal.aborted) return;
      }
    }
  }

  async #send(event: CountedEvent, signal: AbortSignal): Promise<void> {
    const { client } = this.#options;
    const namespace = event.about.namespace ?? "default";
    const options = { namespace, signal, timeoutMs: CALL_TIMEOUT_MS };
    if (event.count > 1) {
      try {
        const body = { count: event.count, lastTimestamp: timestamp(event.lastTime), message: event.message };
        await client.patch(EVENTS, event.name, { type: "strategic", body }, options);
        return;
      } catch (error) {
        // It has outlived its time on the server: it begins anew.
        if (!(error instanceof ApiError) || error.code !== "not-found") throw error;
      }
    }
    try {
      await client.create(EVENTS, this.#object(event, namespace), options);
    } catch (error) {
      // Told already, by a try whose answer was lost.
      if (error instanceof ApiError && error.code === "exists") return;
      throw error;
    }
  }

  #object(event: CountedEvent, namespace: string): CoreV1Event {
    const { component, host } = this.#options;
    const { about, type, reason, message, count, firstTime, lastTime } = event;
    const object = {
      metadata: { name: event.name, namespace },
      involvedObject: { ...about },
      type,
      reason,
      message,
      count,
      firstTimestamp: timestamp(firstTime),
      lastTimestamp: timestamp(lastTime),
      source: { component, host },
      reportingComponent: component,
      reportingInstance: host,
    };
    // Times are strings on the wire.
    return object as unknown as CoreV1Event;
  }
}

/** metav1.Time: whole seconds. */
function timestamp(milliseconds: number): string {
  return `${new Date(milliseconds).toISOString().slice(0, 19)}Z`;
}
