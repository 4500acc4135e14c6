// GET /nodelet/v1/events: what happened to pods. Query: follow, since (a sequence number), pod (namespace/name). Without
// follow one object; with it JSON lines, one event each, beginning with those that are known.

import type { PodEvent } from "../../pods/manager.ts";
import type { ServerDeps } from "../deps.ts";
import { flag, integer } from "../http.ts";
import type { Route } from "../router.ts";

/** Held for a reader that is slow; the oldest are left out beyond. */
const BACKLOG_MAX = 1_000;

export function eventsRoute({ pods }: Pick<ServerDeps, "pods">): Route {
  return {
    method: "GET",
    path: "/nodelet/v1/events",
    async handle(call) {
      const { query, signal } = call;
      const since = integer(query, "since") ?? 0;
      const pod = query.get("pod");
      const wanted = (event: PodEvent): boolean => event.sequence > since && (pod === null || event.pod === pod);
      if (!flag(query, "follow")) {
        call.json({ events: pods.events().filter(wanted) });
        return;
      }
      const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => abort());
      let { promise: changed, resolve: wake } = Promise.withResolvers<void>();
      // Subscribed before the known ones are read: none is missed in between.
      const backlog: PodEvent[] = [];
      using _subscription = pods.subscribe(({ event }) => {
        if (event === undefined || !wanted(event)) return;
        backlog.push(event);
        if (backlog.length > BACKLOG_MAX) backlog.shift();
        wake();
      });
      backlog.unshift(...pods.events().filter(wanted));
      const lines = call.lines();
      while (!signal.aborted) {
        for (const event of backlog.splice(0)) if (!lines.write(event)) await lines.drained(signal);
        if (backlog.length > 0) continue;
        ({ promise: changed, resolve: wake } = Promise.withResolvers<void>());
        await Promise.race([changed, aborted]);
      }
    },
  };
}
