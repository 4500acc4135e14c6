// GET /portForward/{namespace}/{pod}: connections to a pod's ports, over WebSocket: a SPDY connection within it
// (SPDY/3.1+portforward.k8s.io), or a pair of channels for each `port` of the query (v4.channel.k8s.io).

import { NodeletError } from "../../base/errors.ts";
import type { PodManager } from "../../pods/manager.ts";
import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";
import { requireUpgrade } from "./streams.ts";

export function portForwardRoute({ pods, cri, log }: Pick<ServerDeps, "pods" | "cri" | "log">): Route {
  return {
    method: "GET",
    path: "/portForward/{namespace}/{pod}",
    handle: requireUpgrade,
    async upgrade(call) {
      const { namespace = "", pod = "" } = call.params;
      const podSandboxId = requireSandbox(pods, namespace, pod);
      const ports = call.query.getAll("port").map(portOf);
      // Loaded with the first use: most daemons never forward a port.
      const { servePortForward } = await import("../../streaming/port-forward.ts");
      await servePortForward(
        { ...call, log },
        { ports, open: (port, options) => cri.openPort({ podSandboxId, port: [port] }, options) },
      );
    },
  };
}

/** Throws `not-found` without the pod, `conflict` while it has no sandbox. */
export function requireSandbox(pods: PodManager, namespace: string, pod: string): string {
  const id = pods.sandboxId(namespace, pod);
  if (id !== undefined) return id;
  const known = pods.get(namespace, pod) !== undefined;
  throw new NodeletError(
    known ? "conflict" : "not-found",
    known ? `pod ${namespace}/${pod} has no sandbox yet` : `there is no pod ${namespace}/${pod}`,
    { fix: known ? `see \`nodelet why ${namespace}/${pod}\`` : "list them with `nodelet pods`" },
  );
}

export function portOf(text: string): number {
  const port = Number(text);
  if (/^\d{1,5}$/.test(text) && port >= 1 && port <= 65535) return port;
  throw new NodeletError("invalid", `${JSON.stringify(text)} is not a port`, { where: "port" });
}
