// Counts and times what is asked of the API server, under client-go's names.

import { Counter, type Family, Histogram, type Meters } from "../base/meters.ts";

/** client-go's, in seconds. */
const BOUNDS: readonly number[] = [0.005, 0.025, 0.1, 0.25, 0.5, 1, 2, 4, 8, 15, 30, 60];

/** In the place of a status: there was no answer. */
const NO_ANSWER = "<error>";

export class RequestMeters implements Meters {
  readonly #requests = new Counter({
    name: "rest_client_requests_total",
    help: "Requests to the API server, by the status of their answers.",
  });
  readonly #durations = new Histogram(
    {
      name: "rest_client_request_duration_seconds",
      help: "Seconds until the API server's answers began.",
    },
    BOUNDS,
  );

  /** `status` undefined: there was no answer. */
  add(host: string, method: string, status: number | undefined, seconds: number): void {
    this.#requests.add({ code: status === undefined ? NO_ANSWER : String(status), host, method });
    this.#durations.observe(seconds, { host, verb: method });
  }

  families(): readonly Family[] {
    return [this.#requests.family, this.#durations.family];
  }
}
