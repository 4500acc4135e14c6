// POST /nodelet/v1/images/prune: removes the images that no container has and that are not pinned. Query: unusedSeconds.

import type { ServerDeps } from "../deps.ts";
import { integer } from "../http.ts";
import type { Route } from "../router.ts";

export function pruneImagesRoute({ images }: Pick<ServerDeps, "images">): Route {
  return {
    method: "POST",
    path: "/nodelet/v1/images/prune",
    async handle(call) {
      const { removed, bytes } = await images.prune({ unusedMs: (integer(call.query, "unusedSeconds") ?? 0) * 1000 });
      call.json({ removed, bytes });
    },
  };
}
