// DELETE /nodelet/v1/images: removes a tag, or an image named by its id. Query: reference, force.

import { NodeletError } from "../../base/errors.ts";
import type { ServerDeps } from "../deps.ts";
import { flag, required } from "../http.ts";
import type { Route } from "../router.ts";

export function removeImageRoute({ images }: Pick<ServerDeps, "images">): Route {
  return {
    method: "DELETE",
    path: "/nodelet/v1/images",
    async handle(call) {
      const reference = required(call.query, "reference");
      if (!(await images.remove(reference, { force: flag(call.query, "force") }))) {
        throw new NodeletError("not-found", `there is no image ${reference}`, {
          fix: "list them with `nodelet images`",
        });
      }
      call.json({});
    },
  };
}
