// Connections to the ports of a pod: made inside its network namespace, to its loopback.

import { closeSync, openSync } from "node:fs";
import { Socket } from "node:net";

import { isErrno, NodeletError } from "../base/errors.ts";
import type { PortForwardRequest } from "../cri/runtime.ts";
import type { System } from "../system/system.ts";
import { sandboxFiles, type Layout } from "./layout.ts";
import type { Sandboxes } from "./sandboxes.ts";

/** In this order: what listens on one of them only is found. */
const LOOPBACKS = ["127.0.0.1", "::1"] as const;

/** `unavailable` when nothing listens there. */
export async function openPort(
  system: System,
  layout: Layout,
  sandboxes: Sandboxes,
  request: PortForwardRequest,
  signal: AbortSignal | undefined,
): Promise<Socket> {
  const record = sandboxes.require(request.podSandboxId ?? "");
  const port = request.port?.[0] ?? 0;
  if (port < 1 || port > 65535) throw new NodeletError("invalid", `${port} is not a port`, { where: "port" });
  if (!sandboxes.isReady(record)) throw new NodeletError("conflict", `sandbox ${record.id} is not ready`);
  // Without a namespace of its own the pod has the host's.
  const own = record.pinned.includes("network");
  const netns = openSync(own ? sandboxFiles(layout, record.id).pins.network : "/proc/self/ns/net", "r");
  try {
    const causes: unknown[] = [];
    for (const address of LOOPBACKS) {
      signal?.throwIfAborted();
      try {
        const fd = await system.connectInNetns(netns, address, port);
        return new Socket({ fd, readable: true, writable: true, allowHalfOpen: true });
      } catch (error) {
        // A namespace may have no IPv6 at all.
        if (!isErrno(error, "ECONNREFUSED", "EADDRNOTAVAIL", "EAFNOSUPPORT", "ENETUNREACH")) throw error;
        causes.push(error);
      }
    }
    throw new NodeletError("unavailable", `nothing listens on port ${port} in the pod`, {
      cause: causes[0],
      fix: "see what its containers listen on",
    });
  } finally {
    closeSync(netns);
  }
}
