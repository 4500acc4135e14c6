// GET /containerLogs/{namespace}/{pod}/{container}: what a container wrote, as kubelet serves it. Query: follow, previous,
// timestamps, tailLines, sinceSeconds, sinceTime, limitBytes, stream (Stdout, Stderr or All).

import { isNodeletError, NodeletError } from "../../base/errors.ts";
import { ContainerState, type Cri } from "../../cri/runtime.ts";
import type { ServerDeps } from "../deps.ts";
import { drained, flag, integer } from "../http.ts";
import { parseTime, readLog, type LogOptions } from "../logs.ts";
import type { Route } from "../router.ts";
import { requireContainer } from "../resolve.ts";

/** `find` throws for a container that has no log, in the words of whom the server is for. */
export function containerLogsRoute(
  deps: Pick<ServerDeps, "pods" | "cri" | "system" | "clock">,
  find: typeof requireContainer = requireContainer,
): Route {
  const { pods, cri, system, clock } = deps;
  return {
    method: "GET",
    path: "/containerLogs/{namespace}/{pod}/{container}",
    async handle(call) {
      const { query, signal, response } = call;
      const namespace = call.param("namespace");
      const pod = call.param("pod");
      const follow = flag(query, "follow");
      const options = logOptions(query, clock.now());
      const container = find(pods, namespace, pod, call.param("container"), {
        previous: flag(query, "previous"),
      });
      const before = await stateOf(cri, container.id);

      const output = readLog(
        system,
        container.logPath,
        options,
        follow
          ? {
              ended: async () => ended(await stateOf(cri, container.id)),
              onChange: (wake) =>
                pods.subscribe((change) => {
                  const meta = (change.pod ?? change.removed)?.pod.metadata;
                  if (meta?.name === pod && meta.namespace === namespace) wake();
                }),
            }
          : undefined,
        { clock, signal },
      );

      // Headers go out with the first output, so that an error before it is an ordinary one; a follower gets them at once.
      const begin = (): void => {
        if (response.headersSent) return;
        response.writeHead(200, { "content-type": "text/plain; charset=utf-8" });
        response.flushHeaders();
      };
      if (follow) begin();
      try {
        for await (const chunk of output) {
          begin();
          if (!response.write(chunk)) await drained(response, signal);
        }
      } catch (error) {
        if (!isNodeletError(error, "not-found")) throw error;
        // A container that has not run yet has written nothing; for any other the log has been taken away.
        if (before !== ContainerState.CONTAINER_CREATED && !response.headersSent) {
          throw new NodeletError("not-found", "the log of this container is gone", { where: container.logPath });
        }
      }
      begin();
      response.end();
    },
  };
}

function logOptions(query: URLSearchParams, now: bigint): LogOptions {
  const sinceSeconds = integer(query, "sinceSeconds", 1);
  const sinceTime = query.get("sinceTime");
  if (sinceSeconds !== undefined && sinceTime !== null) {
    throw new NodeletError("invalid", "sinceSeconds and sinceTime exclude each other", { fix: "pass one of them" });
  }
  const since = sinceTime === null ? undefined : parseTime(sinceTime);
  if (sinceTime !== null && since === undefined) {
    throw new NodeletError("invalid", `${JSON.stringify(sinceTime)} is not a time`, {
      where: "sinceTime",
      fix: "write it as RFC 3339 has it, such as 2026-01-31T12:00:00Z",
    });
  }
  return {
    tailLines: integer(query, "tailLines"),
    limitBytes: integer(query, "limitBytes", 1),
    timestamps: flag(query, "timestamps"),
    since: sinceSeconds === undefined ? since : now - BigInt(sinceSeconds) * 1_000_000_000n,
    stream: streamOf(query.get("stream")),
  };
}

function streamOf(value: string | null): LogOptions["stream"] {
  if (value === null || value === "All") return undefined;
  if (value === "Stdout") return "stdout";
  if (value === "Stderr") return "stderr";
  throw new NodeletError("invalid", `${JSON.stringify(value)} is none of All, Stdout and Stderr`, { where: "stream" });
}

async function stateOf(cri: Cri, id: string): Promise<ContainerState | undefined> {
  try {
    const { status } = await cri.containerStatus({ containerId: id });
    return status?.state ?? ContainerState.CONTAINER_CREATED;
  } catch (error) {
    if (isNodeletError(error, "not-found")) return undefined;
    throw error;
  }
}

/** Removed counts as ended. */
function ended(state: ContainerState | undefined): boolean {
  return state !== ContainerState.CONTAINER_CREATED && state !== ContainerState.CONTAINER_RUNNING;
}
