// GET /nodelet/v1/images: the images in the store.

import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";

export function imagesRoute({ images }: Pick<ServerDeps, "images">): Route {
  return {
    method: "GET",
    path: "/nodelet/v1/images",
    handle: (call) => call.json({ images: images.list() }),
  };
}
