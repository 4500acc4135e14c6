/**
 * The puller process: everything that talks to registries. TLS, hashes and hostile answers stay out of the daemon, and so does the
 * memory that they take: the process ends soon after the last download. When the channel closes, it ends; what it had half
 * done is a file that the daemon removes.
 */
import { NodeletError } from "../../base/errors.ts";
import { sayHello } from "../../base/helper.ts";
import { toWire } from "../unpacker-protocol.ts";
import type { FromPuller, PullerRequest, ToPuller } from "./puller-protocol.ts";
import { Sessions } from "./sessions.ts";

const PROGRESS_INTERVAL_MS = 100;

process.title = "nodelet-puller";

let sessions: Sessions | undefined;
const running = new Map<number, AbortController>();

function send(message: FromPuller): void {
  process.send?.(message, undefined, undefined, (error) => {
    if (error !== null) process.exit(1);
  });
}

async function carryOut(id: number, request: PullerRequest, signal: AbortSignal): Promise<unknown> {
  if (sessions === undefined) throw new NodeletError("internal", "The puller process has no settings");
  if (request.op === "resolve") return sessions.resolve(request, signal);
  let last = 0;
  const progress = (bytes: number): void => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL_MS) return;
    last = now;
    send({ kind: "progress", id, bytes });
  };
  return sessions.download(request, progress, signal);
}

function start(id: number, request: PullerRequest): void {
  const controller = new AbortController();
  running.set(id, controller);
  carryOut(id, request, controller.signal)
    .then(
      (result) => send({ kind: "result", id, result }),
      (error: unknown) => send({ kind: "error", id, error: toWire(error) }),
    )
    .finally(() => running.delete(id))
    .catch(() => process.exit(1));
}

process.on("message", (raw) => {
  const message = raw as ToPuller;
  switch (message.kind) {
    case "settings":
      sessions = new Sessions(message.settings);
      break;
    case "start":
      start(message.id, message.request);
      break;
    case "abort":
      running.get(message.id)?.abort(new NodeletError("cancelled", "The pull was cancelled"));
      break;
  }
});
process.on("disconnect", () => process.exit(0));
// The daemon ends its helpers itself; Ctrl-C in a terminal reaches the whole group.
process.on("SIGINT", () => undefined);
sayHello();
