// POST /nodelet/v1/images/load: loads an archive or layout that lies on this machine. Query: path, name. Answers with JSON
// lines: `progress` while it goes on, then one of `images` and `error`.

import { isAbsolute } from "node:path";

import { NodeletError } from "../../base/errors.ts";
import type { ServerDeps } from "../deps.ts";
import { required, toErrorBody } from "../http.ts";
import type { Route } from "../router.ts";
import { progressLines } from "./progress-lines.ts";

export function loadImageRoute({ images, log }: Pick<ServerDeps, "images" | "log">): Route {
  return {
    method: "POST",
    path: "/nodelet/v1/images/load",
    async handle(call) {
      const path = required(call.query, "path");
      if (!isAbsolute(path)) {
        throw new NodeletError("invalid", `${JSON.stringify(path)} is not an absolute path`, { where: "path" });
      }
      const name = call.query.get("name") ?? undefined;
      const lines = call.lines();
      const progress = progressLines((event) => lines.write({ progress: event }));
      try {
        const loaded = await images.load(path, { name, signal: call.signal, progress });
        lines.write({ images: loaded });
      } catch (error) {
        if (!(error instanceof NodeletError)) log.error({ path, error }, "an image could not be loaded");
        lines.write({ error: toErrorBody(error) });
      }
      lines.end();
    },
  };
}
