/**
 * The unpacker process: takes one request at a time from the daemon, unpacks, answers. It holds no state: when the
 * channel closes, it ends, and what it had half done lies in a temporary directory that the daemon removes.
 */
import { setPriority } from "node:os";
import { sayHello } from "../base/helper.ts";
import { createLinuxSystem } from "../system/linux.ts";
import { indexArchive, settleLayer, syncFileSystem, unpackLayer } from "./unpack.ts";
import { toWire, type UnpackerReply, type UnpackerRequest } from "./unpacker-protocol.ts";

const PROGRESS_INTERVAL_MS = 100;
/** Pods go before images. */
const NICENESS = 5;

const system = createLinuxSystem();

// Modes come from the layers alone.
process.umask(0);
process.title = "nodelet-unpacker";
setPriority(NICENESS);

function send(reply: UnpackerReply): void {
  process.send?.(reply, undefined, undefined, (error) => {
    if (error !== null) process.exit(1);
  });
}

async function carryOut(request: UnpackerRequest): Promise<unknown> {
  let last = 0;
  const progress = (bytes: number): void => {
    const now = performance.now();
    if (now - last < PROGRESS_INTERVAL_MS) return;
    last = now;
    send({ kind: "progress", bytes });
  };
  switch (request.op) {
    case "unpack":
      return unpackLayer(system, request, progress);
    case "settle":
      return settleLayer(system, request);
    case "index":
      return indexArchive(system, request, progress);
    case "sync":
      return syncFileSystem(system, request);
  }
}

process.on("message", (message) => {
  send({ kind: "begun" });
  carryOut(message as UnpackerRequest).then(
    (result) => send({ kind: "result", result }),
    (error: unknown) => send({ kind: "error", error: toWire(error) }),
  );
});
process.on("disconnect", () => process.exit(0));
// The daemon ends its unpackers itself; Ctrl-C in a terminal reaches the whole group.
process.on("SIGINT", () => undefined);
sayHello();
