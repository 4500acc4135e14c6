// A request that becomes a WebSocket.

import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";

import type { StreamSession } from "../cri/runtime.ts";

/** One request for an upgrade on its way through a route. */
export interface UpgradeCall {
  readonly request: IncomingMessage;
  readonly stream: Duplex;
  readonly head: Buffer;
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  readonly signal: AbortSignal;
}

/**
 * Negotiates, opens the session and carries it. The session is opened before the upgrade is answered, so that its
 * failure is an ordinary error.
 */
export async function upgradeToSession(call: UpgradeCall, open: () => Promise<StreamSession>): Promise<void> {
  // Loaded with the first exec: most daemons serve none for days.
  const { acceptWebSocket, negotiate } = await import("../streaming/websocket.ts");
  const { CHANNEL_PROTOCOLS, serveSession } = await import("../streaming/channels.ts");
  const protocol = negotiate(call.request, CHANNEL_PROTOCOLS);
  const session = await open();
  if (call.stream.destroyed) {
    session.close();
    return;
  }
  await serveSession(acceptWebSocket(call.request, call.stream, call.head, protocol), session, call.signal);
}
