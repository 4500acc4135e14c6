/**
 * `hosts.toml`, as containerd reads it: which hosts answer for a registry, in which order, and how they are spoken to. Pure.
 *
 *     server = "https://registry-1.docker.io"
 *     [host."https://mirror.example:5000"]
 *       capabilities = ["pull", "resolve"]
 *       ca = "mirror.crt"
 *
 * Source: containerd's docs/hosts.md.
 */
import { parse, TomlError } from "smol-toml";

import { NodeletError } from "../../base/errors.ts";

export type Capability = "pull" | "resolve" | "push";

/** One host, as the file has it. Paths are as written. */
export interface HostEntry {
  /** With a scheme; undefined for the registry itself where the file names no server. */
  readonly server: string | undefined;
  readonly capabilities: ReadonlySet<Capability>;
  readonly ca: readonly string[];
  /** Certificate and key; a pair of one file has both in it. */
  readonly client: readonly { readonly certificate: string; readonly key: string }[];
  readonly skipVerify: boolean;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly overridePath: boolean;
  readonly dialTimeoutMs: number | undefined;
}

export interface HostsFile {
  /** In the order of the file. */
  readonly mirrors: readonly HostEntry[];
  /** Asked when no mirror has it. */
  readonly server: HostEntry;
}

type TomlTable = Readonly<Record<string, unknown>>;

const CAPABILITIES: readonly Capability[] = ["pull", "resolve", "push"];
const HEADER_NAME = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
/** Set by the client itself; a copy would send credentials to wherever, or break the framing. */
const OWN_HEADERS = new Set(["host", "content-length", "transfer-encoding", "connection", "range"]);

export function parseHostsToml(text: string, path: string): HostsFile {
  const document = read(text, path);
  const hosts = document["host"] ?? {};
  if (!isTable(hosts)) throw wrong(path, "host", 'must be tables such as [host."https://mirror.example"]');
  const mirrors = Object.entries(hosts).map(([server, table]) => {
    if (!isTable(table)) throw wrong(path, `host."${server}"`, "must be a table");
    return entry(table, server, path, `host."${server}".`);
  });
  const server = document["server"];
  if (server !== undefined && typeof server !== "string") throw wrong(path, "server", "must be a text");
  return { mirrors, server: entry(document, server === "" ? undefined : server, path, "") };
}

function read(text: string, path: string): TomlTable {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const why = error.message.split("\n")[0] ?? "";
    throw new NodeletError("invalid", `it is no TOML: ${why}`, { where: `${path}:${error.line}:${error.column}` });
  }
}

function entry(table: TomlTable, server: string | undefined, path: string, prefix: string): HostEntry {
  return {
    server: server === undefined ? undefined : serverUrl(server, path, prefix === "" ? "server" : prefix.slice(0, -1)),
    capabilities: capabilities(table["capabilities"], path, `${prefix}capabilities`),
    ca: texts(table["ca"], path, `${prefix}ca`),
    client: clientPairs(table["client"], path, `${prefix}client`),
    skipVerify: flag(table["skip_verify"], path, `${prefix}skip_verify`),
    headers: headers(table["header"], path, `${prefix}header`),
    overridePath: flag(table["override_path"], path, `${prefix}override_path`),
    dialTimeoutMs: duration(table["dial_timeout"], path, `${prefix}dial_timeout`),
  };
}

function serverUrl(text: string, path: string, field: string): string {
  const whole = /^https?:\/\//i.test(text) ? text : `https://${text}`;
  const url = URL.parse(whole);
  if (url === null || /^[a-z][a-z0-9+.-]*:\/\//i.test(text) !== /^https?:\/\//i.test(text)) {
    throw wrong(path, field, `${JSON.stringify(text)} must be a URL such as https://mirror.example:5000`);
  }
  if (url.username !== "" || url.password !== "") {
    throw wrong(path, field, "must not hold a user name or password: write them into config.json");
  }
  return whole;
}

function capabilities(value: unknown, path: string, field: string): ReadonlySet<Capability> {
  if (value === undefined) return new Set(CAPABILITIES);
  return new Set(
    texts(value, path, field).map((name) => {
      const known = CAPABILITIES.find((item) => item === name);
      if (known === undefined)
        throw wrong(path, field, `${JSON.stringify(name)} is none of ${CAPABILITIES.join(", ")}`);
      return known;
    }),
  );
}

/** A text, texts, or pairs of texts. */
function clientPairs(value: unknown, path: string, field: string): HostEntry["client"] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? (value as unknown[]) : [value]).map((item) => {
    const [certificate, key, ...more] = Array.isArray(item) ? (item as unknown[]) : [item];
    if (typeof certificate !== "string" || certificate === "" || more.length > 0) {
      throw wrong(path, field, "must be a file, a list of files, or a list of [certificate, key]");
    }
    if (key === undefined || key === "") return { certificate, key: certificate };
    if (typeof key !== "string") throw wrong(path, field, "the key must be a file");
    return { certificate, key };
  });
}

function headers(value: unknown, path: string, field: string): Readonly<Record<string, readonly string[]>> {
  if (value === undefined) return {};
  if (!isTable(value)) throw wrong(path, field, "must be a table of texts or lists of texts");
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => {
      const lower = name.toLowerCase();
      if (!HEADER_NAME.test(name)) throw wrong(path, `${field}.${name}`, "is no name of a header");
      if (OWN_HEADERS.has(lower)) throw wrong(path, `${field}.${name}`, "cannot be set");
      const values = texts(item, path, `${field}.${name}`);
      if (values.some((text) => /[\r\n\0]/.test(text))) throw wrong(path, `${field}.${name}`, "must be of one line");
      return [lower, values];
    }),
  );
}

function texts(value: unknown, path: string, field: string): string[] {
  if (value === undefined) return [];
  return (Array.isArray(value) ? (value as unknown[]) : [value]).map((item) => {
    if (typeof item !== "string" || item === "") throw wrong(path, field, "must be a text or a list of texts");
    return item;
  });
}

function flag(value: unknown, path: string, field: string): boolean {
  if (value === undefined) return false;
  if (typeof value !== "boolean") throw wrong(path, field, "must be true or false");
  return value;
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** Go's durations: `10s`, `1m30s`. */
function duration(value: unknown, path: string, field: string): number | undefined {
  if (value === undefined || value === "") return undefined;
  if (typeof value === "string" && /^(\d+(\.\d+)?(ms|s|m|h))+$/.test(value)) {
    let sum = 0;
    for (const [, amount, unit] of value.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
      sum += Number(amount) * (UNITS[unit ?? ""] ?? 0);
    return sum;
  }
  throw wrong(path, field, 'must be a duration such as "10s"');
}

function isTable(value: unknown): value is TomlTable {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date);
}

function wrong(path: string, field: string, why: string): NodeletError {
  return new NodeletError("invalid", `${field}: ${why}`, { where: path, fix: "Correct the file" });
}
