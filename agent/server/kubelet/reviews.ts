// The two questions that a kubelet asks the API server about who comes: TokenReview (authentication.k8s.io/v1) and SubjectAccessReview
// (authorization.k8s.io/v1).

import { isMapping } from "../../base/shapes.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { User } from "./user.ts";

const TIMEOUT_MS = 10_000;

/** A verb on a part of a node. */
export interface Access {
  readonly verb: string;
  readonly node: string;
  readonly subresource: string;
}

export interface Reviews {
  /** Undefined: the token is nobody's. */
  readonly userOf: (token: string) => Promise<User | undefined>;
  readonly isAllowed: (user: User, access: Access) => Promise<boolean>;
}

export function createReviews(client: Pick<KubeClient, "request">): Reviews {
  const review = async (
    group: string,
    resource: string,
    kind: string,
    spec: object,
  ): Promise<Record<string, unknown>> => {
    const answer = await client.request({
      method: "POST",
      path: `/apis/${group}/v1/${resource}`,
      body: { apiVersion: `${group}/v1`, kind, spec },
      timeoutMs: TIMEOUT_MS,
    });
    const status = isMapping(answer) ? answer["status"] : undefined;
    return isMapping(status) ? status : {};
  };
  return {
    async userOf(token) {
      const status = await review("authentication.k8s.io", "tokenreviews", "TokenReview", { token });
      const { user } = status;
      if (status["authenticated"] !== true || !isMapping(user) || typeof user["username"] !== "string")
        return undefined;
      return {
        name: user["username"],
        uid: typeof user["uid"] === "string" ? user["uid"] : undefined,
        groups: texts(user["groups"]),
        extra: isMapping(user["extra"])
          ? Object.fromEntries(Object.entries(user["extra"]).map(([key, values]) => [key, texts(values)]))
          : undefined,
      };
    },

    async isAllowed({ name, uid, groups, extra }, { verb, node, subresource }) {
      const resourceAttributes = { verb, version: "v1", resource: "nodes", subresource, name: node };
      const spec = { user: name, uid, groups, extra, resourceAttributes };
      const status = await review("authorization.k8s.io", "subjectaccessreviews", "SubjectAccessReview", spec);
      return status["allowed"] === true && status["denied"] !== true;
    },
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}
