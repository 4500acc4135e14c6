// GET /healthz, and each of its checks: ping, log, syncloop.

import { Counter, type Family, Gauge, type Meters } from "../../../base/meters.ts";
import type { Call } from "../../http.ts";
import type { Route } from "../../router.ts";

export interface HealthCheck {
  readonly name: string;
  /** Undefined: well. */
  readonly problem: () => string | undefined;
}

/** That there is an answer is all that these two say. */
const ALWAYS: readonly HealthCheck[] = [
  { name: "ping", problem: () => undefined },
  { name: "log", problem: () => undefined },
];

/** The checks, each of whose results is counted. */
export class HealthChecks implements Meters {
  readonly all: readonly HealthCheck[];
  readonly #results = new Gauge({ name: "kubernetes_healthcheck", help: "1 when the check passed, else 0." });
  readonly #counts = new Counter({ name: "kubernetes_healthchecks_total", help: "Checks, by their result." });

  constructor(checks: readonly HealthCheck[]) {
    this.all = [...ALWAYS, ...checks].map((check) => ({ name: check.name, problem: () => this.#run(check) }));
  }

  #run({ name, problem }: HealthCheck): string | undefined {
    const found = problem();
    const status = found === undefined ? "success" : "error";
    this.#results.set(found === undefined ? 1 : 0, { name, type: "healthz" });
    this.#counts.add({ name, status, type: "healthz" });
    return found;
  }

  /** Of what is checked now. */
  families(): readonly Family[] {
    for (const { problem } of this.all) problem();
    return [this.#results.family, this.#counts.family];
  }
}

export function healthRoutes({ all }: HealthChecks): Route[] {
  const handle =
    (asked: readonly HealthCheck[]) =>
    (call: Call): void => {
      const verbose = call.query.has("verbose");
      const excluded = new Set(call.query.getAll("exclude"));
      const results = asked
        .filter(({ name }) => !excluded.has(name))
        .map(({ name, problem }) => ({ name, problem: problem() }));
      const well = results.every(({ problem }) => problem === undefined);
      const lines = results.map(({ name, problem }) =>
        problem === undefined ? `[+]${name} ok` : `[-]${name} failed: ${problem}`,
      );
      if (well && !verbose) call.text("ok");
      else call.text(`${lines.join("\n")}\nhealthz check ${well ? "passed" : "failed"}\n`, well ? 200 : 500);
    };
  return [
    { method: "GET", path: "/healthz", handle: handle(all) },
    ...all.map((check): Route => ({ method: "GET", path: `/healthz/${check.name}`, handle: handle([check]) })),
  ];
}
