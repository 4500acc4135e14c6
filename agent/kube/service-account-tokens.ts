/**
 * Tokens of service accounts for pods: asked for by TokenRequest, kept, and asked for anew when a fifth of their life is left.
 * Source: kubelet, pkg/kubelet/token/token_manager.go.
 */
import type { Clock } from "../base/clock.ts";
import { describeError } from "../base/errors.ts";
import { SerialQueue } from "../base/queue.ts";
import type { Logger } from "../base/log.ts";
import type { KubeClient } from "./client.ts";
import { type KubeObject, type Resource, SERVICE_ACCOUNTS } from "./resources.ts";

const DAY_MS = 24 * 3_600_000;
/** Of its life, when a token is asked for anew. */
const REFRESH_AT = 0.8;
/** So that the tokens of many pods are not asked for in one moment. */
const JITTER_MS = 10_000;

export interface TokenWish {
  readonly namespace: string;
  readonly serviceAccount: string;
  /** None: the server's own. */
  readonly audiences: readonly string[];
  /** The server may give another. */
  readonly expirationSeconds: number;
  /** The token ends with it. */
  readonly boundTo:
    | { readonly kind: "Pod" | "Node" | "Secret"; readonly name: string; readonly uid: string }
    | undefined;
}

export interface ServiceAccountToken {
  readonly token: string;
  /** Both in milliseconds since the epoch. From `refreshAt` on, asking again gives a new one. */
  readonly expires: number;
  readonly refreshAt: number;
}

export class ServiceAccountTokens {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #log: Logger;
  readonly #known = new Map<string, ServiceAccountToken>();
  readonly #asking = new SerialQueue<string>();

  constructor({ client, clock, log }: { client: KubeClient; clock: Clock; log: Logger }) {
    this.#client = client;
    this.#clock = clock;
    this.#log = log;
  }

  get size(): number {
    return this.#known.size;
  }

  /** One that is still good. Rejects as KubeClient.create when there is none and none can be had. */
  async get(
    wish: TokenWish,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<ServiceAccountToken> {
    const key = keyOf(wish);
    return await this.#asking.run(key, async () => {
      const now = this.#now();
      const known = this.#known.get(key);
      if (known !== undefined && now < known.refreshAt) return known;
      this.#forgetExpired(now);
      try {
        const token = await this.#request(wish, options.signal);
        this.#known.set(key, token);
        return token;
      } catch (error) {
        if (known === undefined || now >= known.expires) throw error;
        this.#log.warn(
          { serviceAccount: `${wish.namespace}/${wish.serviceAccount}`, error: describeError(error) },
          "a token cannot be had anew: the one before is used on",
        );
        return known;
      }
    });
  }

  /** Forgets the tokens of a pod that is gone. */
  forget(uid: string): void {
    for (const key of this.#known.keys()) if ((JSON.parse(key) as string[]).at(-1) === uid) this.#known.delete(key);
  }

  async #request(wish: TokenWish, signal: AbortSignal | undefined): Promise<ServiceAccountToken> {
    const asked = this.#now();
    const { namespace, serviceAccount, audiences, expirationSeconds, boundTo } = wish;
    const answer = await this.#client.create<TokenRequest>(
      TOKEN_REQUESTS,
      {
        apiVersion: "authentication.k8s.io/v1",
        kind: "TokenRequest",
        spec: {
          audiences,
          expirationSeconds,
          boundObjectRef: boundTo === undefined ? undefined : { apiVersion: "v1", ...boundTo },
        },
      },
      { namespace, name: serviceAccount, subresource: "token", signal },
    );
    const token = answer.status?.token ?? "";
    const expires = Date.parse(answer.status?.expirationTimestamp ?? "");
    if (token === "" || Number.isNaN(expires)) throw new TypeError("the API server's TokenRequest has no token");
    const life = Math.min((expires - asked) * REFRESH_AT, DAY_MS);
    return { token, expires, refreshAt: asked + life - Math.random() * Math.min(JITTER_MS, life / 10) };
  }

  #forgetExpired(now: number): void {
    for (const [key, { expires }] of this.#known) if (now >= expires) this.#known.delete(key);
  }

  #now(): number {
    return Number(this.#clock.now() / 1_000_000n);
  }
}

interface TokenRequest extends KubeObject {
  spec?: {
    readonly audiences: readonly string[];
    readonly expirationSeconds: number;
    readonly boundObjectRef:
      | { readonly apiVersion: string; readonly kind: string; readonly name: string; readonly uid: string }
      | undefined;
  };
  status?: { readonly token: string; readonly expirationTimestamp: string };
}

const TOKEN_REQUESTS: Resource<TokenRequest> = {
  apiVersion: SERVICE_ACCOUNTS.apiVersion,
  kind: "TokenRequest",
  plural: SERVICE_ACCOUNTS.plural,
  namespaced: true,
};

/** The uid is last: `forget` goes by it. */
function keyOf({ namespace, serviceAccount, audiences, expirationSeconds, boundTo }: TokenWish): string {
  return JSON.stringify([
    namespace,
    serviceAccount,
    audiences,
    expirationSeconds,
    boundTo?.kind,
    boundTo?.name,
    boundTo?.uid,
  ]);
}
