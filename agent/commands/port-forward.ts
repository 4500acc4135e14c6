// `nodelet port-forward`

import { createServer, type AddressInfo, type Server, type Socket } from "node:net";

import { describeError, isErrno, NodeletError } from "../base/errors.ts";
import { segments, type Client } from "./client.ts";
import { defineCommand, EXIT, NAMESPACE_OPTION, podName, UsageError, type OptionSpecs } from "./cli.ts";
import type { PodView } from "../pods/manager.ts";

const OPTIONS = {
  ...NAMESPACE_OPTION,
  address: { kind: "string", value: "ADDRESS", help: "listen on this address of the host (default 127.0.0.1)" },
} as const satisfies OptionSpecs;

interface Forwarding {
  /** 0: any that is free. */
  readonly local: number;
  readonly remote: number;
}

export const portForwardCommand = defineCommand({
  name: "port-forward",
  summary: "reach ports of a pod from this host",
  usage: ["POD [LOCAL:]REMOTE..."],
  notes:
    "LOCAL is the same as REMOTE unless given, and any free port when it is left empty (:REMOTE).\n" +
    "Connections go to the pod's own loopback. Ctrl-C ends it.",
  options: OPTIONS,
  args: { min: 2, max: Number.POSITIVE_INFINITY },
  async run({ options, args, client, print, warn, signal }) {
    const { namespace, pod } = podName(args[0] ?? "", options.namespace);
    const wanted = args.slice(1).map(parsePorts);
    const path = `/portForward${segments(namespace, pod)}`;
    // A pod that is not there is told before anything listens.
    const { pods } = await client.get<{ pods: PodView[] }>("/nodelet/v1/pods");
    if (!pods.some((view) => view.pod.metadata?.namespace === namespace && view.pod.metadata.name === pod)) {
      throw new NodeletError("not-found", `there is no pod ${namespace}/${pod}`, {
        fix: "list them with `nodelet pods`",
      });
    }
    const sockets = new Set<Socket>();
    const servers: Server[] = [];
    try {
      for (const { local, remote } of wanted) {
        const server = createServer({ allowHalfOpen: true }, (socket) => {
          sockets.add(socket);
          socket.on("close", () => sockets.delete(socket));
          forward(client, path, remote, socket).catch((error: unknown) => {
            socket.destroy();
            if (!signal.aborted) warn(describeError(error));
          });
        });
        servers.push(server);
        const { address, port, family } = await listen(server, options.address ?? "127.0.0.1", local);
        await print(`Forwarding from ${family === "IPv6" ? `[${address}]` : address}:${port} to ${remote}\n`);
      }
      if (!signal.aborted) await new Promise((resolve) => signal.addEventListener("abort", resolve));
      return EXIT.ok;
    } finally {
      for (const server of servers) server.close();
      for (const socket of sockets) socket.destroy();
    }
  },
});

/** `8080`, `8080:80`, `:80`. */
export function parsePorts(text: string): Forwarding {
  const [, local, remote] = /^(?:(\d{0,5}):)?(\d{1,5})$/.exec(text) ?? [];
  const forwarding = { local: Number(local ?? remote), remote: Number(remote) };
  if (remote === undefined || forwarding.local > 65535 || forwarding.remote < 1 || forwarding.remote > 65535) {
    throw new UsageError(`${JSON.stringify(text)} is no port: write REMOTE, LOCAL:REMOTE or :REMOTE`);
  }
  return forwarding;
}

async function listen(server: Server, address: string, port: number): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once("error", (error) => {
    reject(
      new NodeletError("conflict", `port ${port} of ${address} cannot be listened on`, {
        cause: error,
        fix: isErrno(error, "EADDRINUSE") ? "another program has it: give another as LOCAL:REMOTE" : undefined,
      }),
    );
  });
  server.listen(port, address, resolve);
  await promise;
  return server.address() as AddressInfo;
}

/** Each connection has a WebSocket of its own, so that a slow one delays no other. */
async function forward(client: Client, path: string, port: number, socket: Socket): Promise<void> {
  socket.on("error", () => undefined);
  const { TUNNEL_PROTOCOL, WebSocketTunnel } = await import("../streaming/tunnel.ts");
  const { SpdyConnection } = await import("../streaming/spdy/connection.ts");
  const { join } = await import("../streaming/port-forward.ts");
  const tunnel = new WebSocketTunnel(await client.upgrade(path, {}, [TUNNEL_PROTOCOL]));
  const connection = new SpdyConnection(tunnel, { role: "client" });
  try {
    const headers = { port: String(port), requestid: "0" };
    const errors = connection.open({ ...headers, streamtype: "error" });
    const failure = readText(errors);
    errors.end();
    const data = connection.open({ ...headers, streamtype: "data" });
    // When it breaks the error stream says why.
    await join(data, socket).catch(() => socket.destroy());
    const text = await failure;
    if (text !== "") throw new NodeletError("unavailable", text);
  } finally {
    connection.close();
  }
}

/** An error's text is below this. */
const ERROR_BYTES_MAX = 64 * 1024;

async function readText(stream: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  try {
    for await (const part of stream) if (text.length < ERROR_BYTES_MAX) text += part.toString();
  } catch {
    // The connection has ended; there is no more to be known.
  }
  return text;
}
