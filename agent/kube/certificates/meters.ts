// How long a certificate of the node still lasts, and how often another one was asked for in vain, under kubelet's names.

import type { Clock } from "../../base/clock.ts";
import { Counter, type Family, type Meters } from "../../base/meters.ts";

const NAMES = {
  client: {
    errors: "kubelet_certificate_manager_client_expiration_renew_errors",
    left: "kubelet_certificate_manager_client_ttl_seconds",
  },
  server: {
    errors: "kubelet_server_expiration_renew_errors",
    left: "kubelet_certificate_manager_server_ttl_seconds",
  },
} as const;

export class CertificateMeters implements Meters {
  readonly #clock: Clock;
  readonly #of: keyof typeof NAMES;
  readonly #failures: Counter;
  #until: (() => number | undefined) | undefined;

  constructor(clock: Clock, of: keyof typeof NAMES) {
    this.#clock = clock;
    this.#of = of;
    this.#failures = new Counter({
      name: NAMES[of].errors,
      help: `Certificates of the ${of} that were asked for in vain.`,
      known: [{}],
    });
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
        name: NAMES[this.#of].left,
        help: `Seconds until the certificate of the ${this.#of} ends; +Inf while there is none.`,
        type: "gauge",
        samples: [{ value: Math.trunc(left) }],
      },
    ];
  }
}
