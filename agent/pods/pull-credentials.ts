// Credentials of a pod's imagePullSecrets for one image: kubernetes.io/dockerconfigjson and kubernetes.io/dockercfg. Pure.

import { createHash } from "node:crypto";

import type { V1Secret } from "@kubernetes/client-node";

import { isMapping } from "../base/shapes.ts";
import type { AuthConfig } from "../cri/runtime.ts";
import type { PullSecret } from "./image-access/record.ts";

const DOCKER_HUB = ["docker.io", "index.docker.io", "registry-1.docker.io"];

export interface PodCredentials {
  readonly auth: AuthConfig;
  /** What they come from. */
  readonly secret: PullSecret;
}

/** Of the entries for the image's registry, those of the longest path first. `repository` is host and path: `localhost:5000/a/b`. */
export function pullCredentials(secrets: readonly V1Secret[], repository: string): PodCredentials[] {
  const found: { readonly length: number; readonly credentials: PodCredentials }[] = [];
  for (const secret of secrets) {
    const { uid = "", namespace = "", name = "" } = secret.metadata ?? {};
    for (const [server, entry] of Object.entries(entriesOf(secret))) {
      const length = matchLength(server, repository);
      if (length === undefined || !isMapping(entry)) continue;
      const auth = toAuth(entry);
      if (auth === undefined) continue;
      const credentialHash = hashOf(auth, entry["email"]);
      found.push({ length, credentials: { auth, secret: { uid, namespace, name, credentialHash } } });
    }
  }
  return found.toSorted((a, b) => b.length - a.length).map(({ credentials }) => credentials);
}

function entriesOf({ type, data = {} }: V1Secret): Record<string, unknown> {
  const parse = (text: string | undefined): unknown => {
    try {
      return JSON.parse(Buffer.from(text ?? "", "base64").toString("utf8"));
    } catch {
      return undefined; // what is in it is the user's; without it the pull says that it was refused
    }
  };
  if (type === "kubernetes.io/dockercfg") {
    const config = parse(data[".dockercfg"]);
    return isMapping(config) ? config : {};
  }
  if (type !== "kubernetes.io/dockerconfigjson") return {};
  const config = parse(data[".dockerconfigjson"]);
  const auths = isMapping(config) ? config["auths"] : undefined;
  return isMapping(auths) ? auths : {};
}

/** Length of what matches: an entry is a host, maybe with `*` in its parts, and maybe the beginning of a path. */
function matchLength(server: string, repository: string): number | undefined {
  const [host = "", ...path] = server
    .replace(/^https?:\/\//, "")
    .replace(/\/v[12]\/?$/, "")
    .replace(/\/$/, "")
    .split("/");
  const [wanted = "", ...rest] = repository.split("/");
  if (!sameHost(host, wanted)) return undefined;
  if (path.some((part, index) => part !== rest[index])) return undefined;
  return path.join("/").length;
}

function sameHost(pattern: string, host: string): boolean {
  if (DOCKER_HUB.includes(pattern) && DOCKER_HUB.includes(host)) return true;
  const parts = pattern.split(".");
  const wanted = host.split(".");
  if (parts.length !== wanted.length) return false;
  return parts.every((part, index) => {
    const text = part.replace(/[\\^$.|?+()[\]{}]/g, "\\$&").replaceAll("*", "[^.]*");
    return new RegExp(`^${text}$`).test(wanted[index] ?? "");
  });
}

function toAuth(entry: Record<string, unknown>): AuthConfig | undefined {
  const text = (name: string): string => (typeof entry[name] === "string" ? entry[name] : "");
  const identityToken = text("identitytoken");
  if (identityToken !== "") return { identityToken };
  const [name, ...rest] = Buffer.from(text("auth"), "base64").toString("utf8").replace(/\0+$/, "").split(":");
  const username = text("username") || (name ?? "");
  const password = text("password") || rest.join(":");
  return username === "" && password === "" ? undefined : { username, password };
}

/** As kubelet has it: of the JSON that Go writes of its AuthConfig, without what is empty. */
function hashOf({ username, password, identityToken }: AuthConfig, email: unknown): string {
  const present = Object.entries({ username, password, email, identitytoken: identityToken }).filter(
    ([, value]) => typeof value === "string" && value !== "",
  );
  const escape = (character: string): string => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  const text = JSON.stringify(Object.fromEntries(present)).replaceAll(/[<>&\u2028\u2029]/g, escape);
  return createHash("sha256").update(text).digest("hex");
}
