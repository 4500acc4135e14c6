// GET /debug/pprof/profile?seconds=N: where the daemon's time goes, as a V8 profile (.cpuprofile), which Chrome and VS Code show.

import { NodeletError } from "../../../base/errors.ts";
import { integer } from "../../http.ts";
import type { Route } from "../../router.ts";
import type { Clock } from "../../../base/clock.ts";

const SECONDS = 30;
const SECONDS_MAX = 300;

export function profileRoute(clock: Clock): Route {
  let busy = false;
  return {
    method: "GET",
    path: "/debug/pprof/profile",
    async handle(call) {
      const seconds = Math.min(integer(call.query, "seconds", 1) ?? SECONDS, SECONDS_MAX);
      if (busy) throw new NodeletError("unavailable", "another profile is being taken");
      busy = true;
      const { Session } = await import("node:inspector/promises");
      const session = new Session();
      session.connect();
      try {
        await session.post("Profiler.enable");
        await session.post("Profiler.start");
        await clock.sleep(seconds * 1000, { signal: call.signal });
        const { profile } = await session.post("Profiler.stop");
        call.json(profile);
      } finally {
        session.disconnect();
        busy = false;
      }
    },
  };
}
