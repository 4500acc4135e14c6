// /exec, /attach, /portForward: as kubelet has them, over SPDY/3.1 and WebSocket, with the pod's uid in the path or without it. Query:
// command (repeated), input, output, error, tty; port.

import { NodeletError } from "../../../base/errors.ts";
import type { StreamSession } from "../../../cri/runtime.ts";
import type { PodManager } from "../../../pods/manager.ts";
import type { ServerDeps } from "../../deps.ts";
import { flag } from "../../http.ts";
import type { Method, Route } from "../../router.ts";
import { portOf } from "../../routes/port-forward.ts";
import type { UpgradeCall } from "../../upgrade.ts";
import { containerToEnter, requirePod } from "../containers.ts";

export interface RemoteDeps extends Pick<ServerDeps, "pods" | "cri" | "log"> {
  readonly idleTimeoutMs: number;
}

const METHODS: readonly Method[] = ["GET", "POST"];

/** Below `prefix`: namespace, pod, the uid perhaps, and `last`. */
function each(prefix: string, last: string, upgrade: (call: UpgradeCall) => Promise<void>): Route[] {
  const paths = [`${prefix}/{namespace}/{pod}${last}`, `${prefix}/{namespace}/{pod}/{uid}${last}`];
  return paths.flatMap((path) => METHODS.map((method): Route => ({ method, path, handle: requireUpgrade, upgrade })));
}

function requireUpgrade(): never {
  throw new NodeletError("invalid", "Ask for an upgrade to SPDY/3.1 or WebSocket");
}

interface Streams {
  readonly stdin: boolean;
  readonly stdout: boolean;
  readonly stderr: boolean;
  readonly tty: boolean;
}

function streamsOf(query: URLSearchParams): Streams {
  const tty = flag(query, "tty");
  const streams = {
    stdin: flag(query, "input"),
    stdout: flag(query, "output"),
    // A terminal has none of its own; kubelet passes over the wish.
    stderr: flag(query, "error") && !tty,
    tty,
  };
  if (!streams.stdin && !streams.stdout && !streams.stderr)
    throw new NodeletError("invalid", "you must specify at least 1 of stdin, stdout, stderr");
  return streams;
}

function containerOf(pods: PodManager, { params }: UpgradeCall): string {
  const { namespace = "", pod = "", uid, container = "" } = params;
  return containerToEnter(pods, { namespace, pod, uid, container });
}

export function remoteRoutes({ pods, cri, log, idleTimeoutMs }: RemoteDeps): Route[] {
  const serve = async (
    call: UpgradeCall,
    streams: Streams,
    exitStatus: boolean,
    open: (options: { signal: AbortSignal }) => Promise<StreamSession>,
  ): Promise<void> => {
    // Loaded with the first session: most nodes serve none for days.
    const { serveCommand } = await import("../../../streaming/remote-command.ts");
    await serveCommand({ ...call, log, idleTimeoutMs }, { ...streams, exitStatus, open });
  };
  return [
    ...each("/exec", "/{container}", async (call) => {
      const cmd = call.query.getAll("command");
      if (cmd.length === 0) throw new NodeletError("invalid", "the command is empty", { where: "command" });
      const streams = streamsOf(call.query);
      const containerId = containerOf(pods, call);
      await serve(call, streams, true, (options) => cri.openExec({ containerId, cmd, ...streams }, options));
    }),
    ...each("/attach", "/{container}", async (call) => {
      const streams = streamsOf(call.query);
      const containerId = containerOf(pods, call);
      await serve(call, streams, false, (options) => cri.openAttach({ containerId, ...streams }, options));
    }),
    ...each("/portForward", "", async (call) => {
      const { namespace = "", pod = "", uid } = call.params;
      requirePod(pods, namespace, pod, uid);
      const podSandboxId = pods.sandboxId(namespace, pod);
      if (podSandboxId === undefined) throw new NodeletError("conflict", `pod ${namespace}/${pod} has no sandbox yet`);
      const ports = call.query.getAll("port").map(portOf);
      const { servePortForward } = await import("../../../streaming/port-forward.ts");
      await servePortForward(
        { ...call, log, idleTimeoutMs },
        { ports, open: (port, options) => cri.openPort({ podSandboxId, port: [port] }, options) },
      );
    }),
  ];
}
