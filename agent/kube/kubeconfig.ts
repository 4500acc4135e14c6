/**
 * A kubeconfig: the cluster and the user of its current context. Fields as of
 * https://kubernetes.io/docs/reference/config-api/kubeconfig.v1/; those that are not known are passed over, as kubectl does.
 */
import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";

import { NodeletError } from "../base/errors.ts";
import { type FieldPath, formatPath } from "../base/field-path.ts";
import { isMapping, kindOf } from "../base/shapes.ts";
import { parseStructured } from "../base/structured-text.ts";
import type { Endpoint } from "./transport/endpoint.ts";

export const EXEC_API_VERSIONS = ["client.authentication.k8s.io/v1", "client.authentication.k8s.io/v1beta1"] as const;

/** PEM, or where it is; absolute. */
export type Pem = { readonly data: string } | { readonly file: string };

/** A program that gives credentials, as client.authentication.k8s.io has it. */
export interface ExecPlugin {
  readonly apiVersion: (typeof EXEC_API_VERSIONS)[number];
  /** Absolute where it was given with a slash; else to be found on PATH. */
  readonly command: string;
  readonly args: readonly string[];
  readonly env: readonly { readonly name: string; readonly value: string }[];
  /** For people who do not have it. */
  readonly installHint: string | undefined;
  readonly provideClusterInfo: boolean;
}

export interface KubeconfigUser {
  readonly certificate: Pem | undefined;
  readonly key: Pem | undefined;
  readonly token: string | undefined;
  /** Wins over token. */
  readonly tokenFile: string | undefined;
  readonly username: string | undefined;
  readonly password: string | undefined;
  readonly exec: ExecPlugin | undefined;
}

export interface Kubeconfig {
  /** The file, for messages. */
  readonly origin: string;
  readonly endpoint: Endpoint;
  /** As it stands in the file, for exec plugins that ask for it. */
  readonly cluster: Readonly<Record<string, unknown>>;
  readonly user: KubeconfigUser;
}

/** Throws `not-found` or `invalid`, with file and field. */
export async function loadKubeconfig(path: string): Promise<Kubeconfig> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new NodeletError("not-found", "Cannot read the kubeconfig", { where: path, cause });
  }
  return await parseKubeconfig(text, path);
}

export async function parseKubeconfig(text: string, path: string): Promise<Kubeconfig> {
  const { documents, problems } = await parseStructured(text, path);
  if (problems[0] !== undefined) throw problems[0];
  const reader = new Reader(path);
  const config = reader.mapping(documents[0]?.value, []);
  const contextName = reader.text(config, "current-context", []);
  if (contextName === undefined) {
    throw reader.wrong(["current-context"], "Required field is missing", "Name one of the contexts");
  }
  const { item: context, path: at } = reader.named(config, "contexts", "context", contextName, ["current-context"]);
  const clusterName = reader.required(context, "cluster", at);
  const cluster = reader.named(config, "clusters", "cluster", clusterName, [...at, "cluster"]);
  const userName = reader.text(context, "user", at);
  const user = userName === undefined ? undefined : reader.named(config, "users", "user", userName, [...at, "user"]);
  return {
    origin: path,
    endpoint: await readEndpoint(reader, cluster.item, cluster.path),
    cluster: cluster.item,
    user: readUser(reader, user?.item ?? {}, user?.path ?? []),
  };
}

/** `where` is for the message: file and field. */
export async function readPem(pem: Pem, where: string): Promise<string> {
  if ("data" in pem) return pem.data;
  try {
    return await readFile(pem.file, "utf8");
  } catch (cause) {
    throw new NodeletError("not-found", `Cannot read ${pem.file}`, { where, cause });
  }
}

async function readEndpoint(reader: Reader, cluster: Mapping, at: FieldPath): Promise<Endpoint> {
  const ca = reader.pem(cluster, "certificate-authority", at);
  const skipVerify = reader.flag(cluster, "insecure-skip-tls-verify", at);
  if (skipVerify && ca !== undefined) {
    throw reader.wrong(
      [...at, "insecure-skip-tls-verify"],
      "Cannot be true where a certificate-authority is given",
      "Remove one of them",
    );
  }
  const proxy = reader.url(cluster, "proxy-url", at, ["http:", "https:"]);
  return {
    server: reader.url(cluster, "server", at, ["http:", "https:"]) ?? new URL(reader.required(cluster, "server", at)),
    ca:
      ca === undefined
        ? undefined
        : await readPem(ca, `${reader.origin}: ${formatPath([...at, "certificate-authority"])}`),
    skipVerify,
    serverName: reader.text(cluster, "tls-server-name", at),
    proxy,
  };
}

function readUser(reader: Reader, user: Mapping, at: FieldPath): KubeconfigUser {
  for (const [field, why] of [
    ["auth-provider", "Use an exec plugin"],
    ["as", "Name the user itself"],
    ["as-groups", "Name the user itself"],
  ] as const) {
    if (user[field] !== undefined) throw reader.wrong([...at, field], "This field is not supported", why);
  }
  const certificate = reader.pem(user, "client-certificate", at);
  const key = reader.pem(user, "client-key", at);
  if ((certificate === undefined) !== (key === undefined)) {
    const [given, missing] =
      key === undefined ? ["client-certificate", "client-key"] : ["client-key", "client-certificate"];
    throw reader.wrong([...at, given], `Stands without ${missing}`, `Set ${missing} or ${missing}-data too`);
  }
  const tokenFile = reader.text(user, "tokenFile", at);
  return {
    certificate,
    key,
    token: reader.text(user, "token", at),
    tokenFile: tokenFile === undefined ? undefined : reader.file(tokenFile),
    username: reader.text(user, "username", at),
    password: reader.text(user, "password", at),
    exec:
      user["exec"] === undefined || user["exec"] === null ? undefined : readExec(reader, user["exec"], [...at, "exec"]),
  };
}

function readExec(reader: Reader, value: unknown, at: FieldPath): ExecPlugin {
  const exec = reader.mapping(value, at);
  const apiVersion = EXEC_API_VERSIONS.find((known) => known === exec["apiVersion"]);
  if (apiVersion === undefined) {
    throw reader.wrong(
      [...at, "apiVersion"],
      `Must be one of ${EXEC_API_VERSIONS.join(", ")}`,
      "Use a newer release of the plugin",
    );
  }
  if (exec["interactiveMode"] === "Always") {
    throw reader.wrong(
      [...at, "interactiveMode"],
      "Must not be Always: there is nobody to ask",
      "Use Never or IfAvailable",
    );
  }
  const command = reader.required(exec, "command", at);
  const env = reader.list(exec, "env", at).map((item, index) => {
    const entry = reader.mapping(item, [...at, "env", index]);
    return {
      name: reader.required(entry, "name", [...at, "env", index]),
      value: reader.text(entry, "value", [...at, "env", index]) ?? "",
    };
  });
  return {
    apiVersion,
    command: command.includes("/") ? reader.file(command) : command,
    args: reader.list(exec, "args", at).map(String),
    env,
    installHint: reader.text(exec, "installHint", at),
    provideClusterInfo: reader.flag(exec, "provideClusterInfo", at),
  };
}

type Mapping = Readonly<Record<string, unknown>>;

/** Takes fields out of a kubeconfig; what is wrong is thrown with its file and path. */
class Reader {
  readonly origin: string;

  constructor(origin: string) {
    this.origin = origin;
  }

  wrong(path: FieldPath, message: string, fix?: string, cause?: unknown): NodeletError {
    const field = formatPath(path);
    return new NodeletError("invalid", message, {
      where: field === "" ? this.origin : `${this.origin}: ${field}`,
      fix,
      cause,
    });
  }

  mapping(value: unknown, path: FieldPath): Mapping {
    if (isMapping(value)) return value;
    throw this.wrong(path, `Must be a mapping: it is ${kindOf(value)}`);
  }

  list(from: Mapping, field: string, at: FieldPath): readonly unknown[] {
    const value = from[field] ?? [];
    if (Array.isArray(value)) return value;
    throw this.wrong([...at, field], `Must be a list: it is ${kindOf(value)}`);
  }

  /** Undefined: missing or empty. */
  text(from: Mapping, field: string, at: FieldPath): string | undefined {
    const value = from[field];
    if (value === undefined || value === null || value === "") return undefined;
    if (typeof value === "string") return value;
    throw this.wrong(
      [...at, field],
      `Must be a string: it is ${kindOf(value)}`,
      typeof value === "number" ? "Put it in quotes" : undefined,
    );
  }

  required(from: Mapping, field: string, at: FieldPath): string {
    const value = this.text(from, field, at);
    if (value === undefined) throw this.wrong([...at, field], "Required field is missing");
    return value;
  }

  flag(from: Mapping, field: string, at: FieldPath): boolean {
    const value = from[field] ?? false;
    if (typeof value === "boolean") return value;
    throw this.wrong([...at, field], `Must be true or false: it is ${kindOf(value)}`);
  }

  url(from: Mapping, field: string, at: FieldPath, protocols: readonly string[]): URL | undefined {
    const text = this.text(from, field, at);
    if (text === undefined) return undefined;
    const url = URL.parse(text.includes("://") ? text : `https://${text}`);
    if (url !== null && protocols.includes(url.protocol)) return url;
    throw this.wrong(
      [...at, field],
      `${JSON.stringify(text)} is not an address of ${protocols.join(" or ")}`,
      "Write it as https://HOST:PORT",
    );
  }

  /** `field` names a file, `field`-data has the content, and wins. */
  pem(from: Mapping, field: string, at: FieldPath): Pem | undefined {
    const data = this.text(from, `${field}-data`, at);
    if (data === undefined) {
      const path = this.text(from, field, at);
      return path === undefined ? undefined : { file: this.file(path) };
    }
    const decoded = Buffer.from(data, "base64").toString("latin1");
    if (!decoded.includes("-----BEGIN ")) {
      throw this.wrong(
        [...at, `${field}-data`],
        "Must be PEM in base64",
        `Encode the file by base64 -w0, or name it as ${field}`,
      );
    }
    return { data: decoded };
  }

  /** Relative paths are relative to the kubeconfig. */
  file(path: string): string {
    return resolve(dirname(this.origin), path);
  }

  /** The entry of that name in a list of `{ name, KIND: {...} }`. */
  named(
    config: Mapping,
    list: string,
    kind: string,
    name: string,
    referrer: FieldPath,
  ): { item: Mapping; path: FieldPath } {
    const entries = this.list(config, list, []);
    const index = entries.findIndex((entry) => isMapping(entry) && entry["name"] === name);
    const entry = entries[index];
    if (!isMapping(entry)) {
      const known = entries.flatMap((item) => (isMapping(item) ? [String(item["name"])] : []));
      throw this.wrong(
        referrer,
        `There is no ${kind} ${JSON.stringify(name)} in ${list}`,
        `There are: ${known.join(", ") || "none"}`,
      );
    }
    const path = [list, index, kind];
    return { item: this.mapping(entry[kind], path), path };
  }
}
