// Who may do what. A request is a verb on a subresource of this node; fine-grained ones are tried before `proxy`, which is everything.

import type { Clock } from "../../base/clock.ts";
import { AnswerCache } from "./answer-cache.ts";
import type { Reviews } from "./reviews.ts";
import type { User } from "./user.ts";

const ANSWERS_MAX = 10_000;

const VERBS: Readonly<Record<string, string>> = {
  POST: "create",
  GET: "get",
  PUT: "update",
  PATCH: "patch",
  DELETE: "delete",
};

/** Path, and what it and all below it ask for; the first that fits. */
const FINE: readonly (readonly [path: string, subresource: string])[] = [
  ["/pods", "pods"],
  ["/runningpods", "pods"],
  ["/healthz", "healthz"],
  ["/configz", "configz"],
];
const OWN: readonly (readonly [path: string, subresource: string])[] = [
  ["/stats", "stats"],
  ["/metrics", "metrics"],
  ["/logs", "log"],
  ["/checkpoint", "checkpoint"],
  ["/statusz", "statusz"],
  ["/flagz", "configz"],
];

const isWithin = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`);

export interface Attributes {
  readonly verb: string;
  /** One that is allowed is enough. */
  readonly subresources: readonly string[];
}

/** As kubelet's `pkg/kubelet/server/auth.go` maps them. */
export function attributesOf(method: string, path: string): Attributes {
  const fine = FINE.find(([prefix]) => isWithin(path, prefix))?.[1];
  const own = OWN.find(([prefix]) => isWithin(path, prefix))?.[1] ?? "proxy";
  return { verb: VERBS[method] ?? "", subresources: fine === undefined ? [own] : [fine, own] };
}

/** Rejects when it cannot be found out. */
export type Authorize = (user: User, attributes: Attributes) => Promise<boolean>;

export const alwaysAllow: Authorize = () => Promise.resolve(true);

export interface WebhookOptions {
  readonly reviews: Reviews;
  readonly node: string;
  readonly allowedMs: number;
  readonly deniedMs: number;
  readonly clock: Clock;
}

export function webhookAuthorization({ reviews, node, allowedMs, deniedMs, clock }: WebhookOptions): Authorize {
  const cache = new AnswerCache<boolean>(clock, ANSWERS_MAX);
  return async (user, { verb, subresources }) => {
    for (const subresource of subresources) {
      const allowed = await cache.get(
        JSON.stringify([user, verb, subresource]),
        () => reviews.isAllowed(user, { verb, node, subresource }),
        (value) => (value ? allowedMs : deniedMs),
      );
      if (allowed) return true;
    }
    return false;
  };
}
