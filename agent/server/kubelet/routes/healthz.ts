// GET /healthz, and each of its checks: ping, log, syncloop.

import type { Call } from "../../http.ts";
import type { Route } from "../../router.ts";

export interface HealthCheck {
  readonly name: string;
  /** Undefined: well. */
  readonly problem: () => string | undefined;
}

const ALWAYS: readonly HealthCheck[] = [
  { name: "ping", problem: () => undefined },
  { name: "log", problem: () => undefined },
];

export function healthRoutes(checks: readonly HealthCheck[]): Route[] {
  const all = [...ALWAYS, ...checks];
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
