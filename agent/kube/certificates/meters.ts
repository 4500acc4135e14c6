// How long the node's client certificate still lasts, and how often another one was asked for in vain, under kubelet's names.

import type { Clock } from "../../base/clock.ts";
import { Counter, type Family, type Meters } from "../../base/meters.ts";

export class CertificateMeters implements Meters {
  readonly #clock: Clock;
  readonly #failures = new Counter({
    name: "kubelet_certificate_manager_client_expiration_renew_errors",
    help: "Client certificates that were asked for in vain.",
    known: [{}],
  });
  #until: (() => number | undefined) | undefined;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** `until`: when the certificate ends, in milliseconds since the epoch; undefined: there is none. */
  follow(until: () => number | undefined): void {
    this.#until = until;
  }

  failed(): void {
    this.#failures.add();
  }

  families(): readonly Family[] {
    if (this.#until === undefined) return [];
    const until = this.#until();
    const now = Number(this.#clock.now() / 1_000_000n);
    const left = until === undefined ? Number.POSITIVE_INFINITY : (until - now) / 1000;
    return [
      this.#failures.family,
      {
        name: "kubelet_certificate_manager_client_ttl_seconds",
        help: "Seconds until the client certificate ends; +Inf while there is none.",
        type: "gauge",
        samples: [{ value: Math.trunc(left) }],
      },
    ];
  }
}
