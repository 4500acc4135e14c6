// POST /nodelet/v1/images/pull: pulls an image, or joins the pull of it that is under way. Body: reference, platform, auth (as the
// CRI's AuthConfig). Answers with JSON lines: `progress` while it goes on, then one of `image` and `error`. Whoever goes away leaves
// the pull to go on.
//
// GET /nodelet/v1/images/pulls: the pulls under way.
//
// DELETE /nodelet/v1/images/pulls/{reference}: ends them. Query: maxWaiting leaves those that more than so many wait for.

import { NodeletError } from "../../base/errors.ts";
import type { PullCredentials } from "../../images/images.ts";
import type { ServerDeps } from "../deps.ts";
import { integer, toErrorBody } from "../http.ts";
import type { Route } from "../router.ts";
import { progressLines } from "./progress-lines.ts";

interface PullBody {
  readonly reference: string;
  readonly platform: string | undefined;
  readonly auth: PullCredentials | undefined;
}

export function pullImageRoute({ images, log }: Pick<ServerDeps, "images" | "log">): Route {
  return {
    method: "POST",
    path: "/nodelet/v1/images/pull",
    async handle(call) {
      const { reference, platform, auth } = readBody(await call.body());
      const lines = call.lines();
      const progress = progressLines((event) => lines.write({ progress: event }));
      try {
        lines.write({ image: await images.pull(reference, { platform, auth, signal: call.signal, progress }) });
      } catch (error) {
        if (!(error instanceof NodeletError)) log.error({ reference, error }, "an image could not be pulled");
        lines.write({ error: toErrorBody(error) });
      }
      lines.end();
    },
  };
}

export function pullsRoute({ images }: Pick<ServerDeps, "images">): Route {
  return {
    method: "GET",
    path: "/nodelet/v1/images/pulls",
    handle: (call) => call.json({ pulls: images.pulls() }),
  };
}

export function cancelPullRoute({ images }: Pick<ServerDeps, "images">): Route {
  return {
    method: "DELETE",
    path: "/nodelet/v1/images/pulls/{reference}",
    handle(call) {
      call.json({ cancelled: images.cancelPull(call.param("reference"), integer(call.query, "maxWaiting")) });
    },
  };
}

function readBody(body: unknown): PullBody {
  const fail = (where: string, what: string): never => {
    throw new NodeletError("invalid", what, { where });
  };
  if (!isObject(body)) return fail("the body", "must be an object with reference");
  const { reference, platform, auth } = body;
  if (typeof reference !== "string" || reference === "") return fail("reference", "is missing");
  if (platform !== undefined && typeof platform !== "string") return fail("platform", "must be a text");
  if (auth !== undefined && (!isObject(auth) || Object.values(auth).some((value) => typeof value !== "string"))) {
    return fail("auth", "must be an object of texts");
  }
  return { reference, platform, auth };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
