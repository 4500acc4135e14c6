// GET /exec/{namespace}/{pod}/{container}: a command in a container, over WebSocket. Query as kubelet's: command (repeated),
// input, output, error, tty.

import { NodeletError } from "../../base/errors.ts";
import type { ServerDeps } from "../deps.ts";
import { flag } from "../http.ts";
import { requireContainer } from "../resolve.ts";
import type { Route } from "../router.ts";
import { upgradeToSession } from "../upgrade.ts";
import { requireUpgrade, streamsOf } from "./streams.ts";

export function execRoute({ pods, cri }: Pick<ServerDeps, "pods" | "cri">): Route {
  return {
    method: "GET",
    path: "/exec/{namespace}/{pod}/{container}",
    handle: requireUpgrade,
    async upgrade(call) {
      const { params, query } = call;
      const command = query.getAll("command");
      if (command.length === 0) {
        throw new NodeletError("invalid", "the command is empty", { where: "command", fix: "name a program to run" });
      }
      const streams = streamsOf(query);
      const container = requireContainer(
        pods,
        params["namespace"] ?? "",
        params["pod"] ?? "",
        params["container"] ?? "",
      );
      await upgradeToSession(call, () =>
        cri.openExec(
          { containerId: container.id, cmd: command, tty: flag(query, "tty"), ...streams },
          { signal: call.signal },
        ),
      );
    },
  };
}
