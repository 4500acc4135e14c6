// GET /nodelet/v1/watch: JSON lines. First `pod` for each pod there is and `synced`, then `pod`, `removed` and `event` as they
// change. A reader that is slow gets the newest state of each pod, not every state in between.

import type { PodEvent, PodView } from "../../pods/manager.ts";
import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";

/** Held for a reader that is slow; the oldest are left out beyond. */
const EVENTS_MAX = 200;

export function watchRoute({ pods }: Pick<ServerDeps, "pods">): Route {
  return {
    method: "GET",
    path: "/nodelet/v1/watch",
    async handle(call) {
      const { signal } = call;
      const pending = new Map<string, { pod?: PodView; removed?: PodView }>();
      const events: PodEvent[] = [];
      const { promise: aborted, resolve: abort } = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => abort());
      let { promise: changed, resolve: wake } = Promise.withResolvers<void>();
      using _subscription = pods.subscribe(({ pod, removed, event }) => {
        if (pod !== undefined) pending.set(keyOf(pod), { pod });
        if (removed !== undefined) pending.set(keyOf(removed), { removed });
        if (event !== undefined && events.push(event) > EVENTS_MAX) events.shift();
        wake();
      });
      const lines = call.lines();
      for (const pod of pods.list()) lines.write({ pod });
      lines.write({ synced: true });
      while (!signal.aborted) {
        await lines.drained(signal);
        if (pending.size > 0 || events.length > 0) {
          const changes = [...pending.values()];
          pending.clear();
          for (const change of changes) lines.write(change);
          for (const event of events.splice(0)) lines.write({ event });
          continue;
        }
        ({ promise: changed, resolve: wake } = Promise.withResolvers<void>());
        await Promise.race([changed, aborted]);
      }
    },
  };
}

/** By uid: a pod that was made anew under the same name is another one. */
function keyOf(view: PodView): string {
  return view.pod.metadata?.uid ?? `${view.pod.metadata?.namespace}/${view.pod.metadata?.name}`;
}
