// POST /nodelet/v1/images/tag: gives an image another name. Query: reference, name.

import type { ServerDeps } from "../deps.ts";
import { required } from "../http.ts";
import type { Route } from "../router.ts";

export function tagImageRoute({ images }: Pick<ServerDeps, "images">): Route {
  return {
    method: "POST",
    path: "/nodelet/v1/images/tag",
    async handle(call) {
      await images.tag(required(call.query, "reference"), required(call.query, "name"));
      call.json({});
    },
  };
}
