// Who asks: by a client certificate, by a bearer token that the API server knows, or nobody.

import { createHash } from "node:crypto";
import type { IncomingMessage } from "node:http";
import type { TLSSocket } from "node:tls";

import type { Clock } from "../../base/clock.ts";
import { describeError, NodeletError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { Reviews } from "./reviews.ts";
import { ANONYMOUS, authenticated, type User } from "./user.ts";

const TOKENS_MAX = 1_000;

export interface AuthenticationOptions {
  /** Certificates are asked for and checked against CAs in the handshake. */
  readonly certificates: boolean;
  /** Undefined: no tokens are taken. */
  readonly tokens: { readonly reviews: Reviews; readonly cacheMs: number } | undefined;
  readonly anonymous: boolean;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Undefined: whoever it is, it has not shown that. A wrong certificate or token is never anonymous. */
export type Authenticate = (request: IncomingMessage) => Promise<User | undefined>;

export function createAuthentication(options: AuthenticationOptions): Authenticate {
  const { certificates, tokens, anonymous, clock, log } = options;
  const cache = new AnswerCache<User | undefined>(clock, TOKENS_MAX);
  return async (request) => {
    if (certificates) {
      const shown = certificateUser(request.socket as TLSSocket);
      if (shown === "invalid") {
        const reason = (request.socket as TLSSocket).authorizationError;
        log.info({ from: request.socket.remoteAddress, reason: String(reason) }, "a client's certificate was refused");
        return undefined;
      }
      if (shown !== undefined) return authenticated(shown);
    }
    const token = /^Bearer +(\S+)$/i.exec(request.headers.authorization ?? "")?.[1];
    if (token !== undefined && tokens !== undefined) {
      const key = createHash("sha256").update(token).digest("base64");
      let user: User | undefined;
      try {
        user = await cache.get(
          key,
          () => tokens.reviews.userOf(token),
          () => tokens.cacheMs,
        );
      } catch (error) {
        log.warn({ error: describeError(error) }, "the API server could not say whose a token is");
        return undefined;
      }
      return user === undefined ? undefined : authenticated(user);
    }
    return anonymous ? ANONYMOUS : undefined;
  };
}

/** The subject of the peer's certificate; undefined: it has shown none, or one without a name. */
function certificateUser(socket: TLSSocket): User | "invalid" | undefined {
  const certificate = socket.getPeerX509Certificate();
  if (certificate === undefined) return undefined;
  if (!socket.authorized) return "invalid";
  const { subject } = certificate.toLegacyObject();
  const name = all(subject.CN).at(-1) ?? "";
  return name === "" ? undefined : { name, groups: all(subject.O) };
}

/** A part of a name may be there more than once, whatever the types say. */
function all(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((item) => typeof item === "string");
}

export function unauthenticated(): NodeletError {
  return new NodeletError("denied", "Unauthorized");
}
