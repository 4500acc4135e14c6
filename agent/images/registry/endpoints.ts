/**
 * The hosts that are asked for an image, from the directories of `--registry-config-path`:
 *
 *     DIR/registry.example_5000_/hosts.toml    or DIR/registry.example:5000/, or DIR/_default/
 *     DIR/registry.example:5000/*.crt          CAs; NAME.cert with NAME.key: client certificates (where there is no hosts.toml)
 *
 * The first directory that exists counts, as in containerd. Read anew for each pull.
 */
import { readdir, readFile, stat } from "node:fs/promises";
import { join, posix, resolve } from "node:path";

import { isErrno, NodeletError } from "../../base/errors.ts";
import { isLoopbackHost } from "./addresses.ts";
import { type Capability, type HostEntry, type HostsFile, parseHostsToml } from "./hosts-toml.ts";

export interface TlsSettings {
  /** PEM, trusted beside the system's. */
  readonly ca: readonly string[];
  /** PEM. */
  readonly client: readonly { readonly certificate: string; readonly key: string }[];
  readonly skipVerify: boolean;
}

/** One host that has images of a registry. */
export interface Endpoint {
  /** Without path. */
  readonly origin: URL;
  /** Where the API is: `/v2`. */
  readonly path: string;
  readonly capabilities: ReadonlySet<Capability>;
  readonly tls: TlsSettings;
  readonly headers: Readonly<Record<string, readonly string[]>>;
  readonly dialTimeoutMs: number;
  /** The registry of the image's name, not a mirror of it. */
  readonly isRegistry: boolean;
}

const DOCKER_HUB = "docker.io";
const DOCKER_HUB_HOST = "registry-1.docker.io";
const DEFAULT_DIAL_TIMEOUT_MS = 30_000;
const MAX_FILE_BYTES = 1024 * 1024;

/** Mirrors first, the registry last. `domain` is that of the image's name. */
export async function findEndpoints(domain: string, configPaths: readonly string[]): Promise<Endpoint[]> {
  const directory = await findDirectory(domain, configPaths);
  if (directory === undefined) return [defaultEndpoint(domain, NO_TLS)];
  const file = await readText(join(directory, "hosts.toml"));
  if (file === undefined) return [defaultEndpoint(domain, await certificatesIn(directory))];
  const hosts = parseHostsToml(file, join(directory, "hosts.toml"));
  return endpointsOf(domain, hosts, directory);
}

async function endpointsOf(domain: string, hosts: HostsFile, directory: string): Promise<Endpoint[]> {
  const endpoints: Endpoint[] = [];
  for (const mirror of hosts.mirrors) endpoints.push(await endpointOf(mirror, mirror.server ?? "", directory, false));
  const fallback = defaultEndpoint(domain, NO_TLS);
  const tlsIsSet = hosts.server.ca.length > 0 || hosts.server.client.length > 0;
  const server = hosts.server.server ?? (tlsIsSet ? `https://${fallback.origin.host}` : fallback.origin.origin);
  endpoints.push(await endpointOf(hosts.server, server, directory, true));
  return endpoints;
}

async function endpointOf(entry: HostEntry, server: string, directory: string, isRegistry: boolean): Promise<Endpoint> {
  const url = new URL(server);
  const ca = await Promise.all(entry.ca.map((path) => requireText(resolve(directory, path))));
  const client = await Promise.all(
    entry.client.map(async ({ certificate, key }) => ({
      certificate: await requireText(resolve(directory, certificate)),
      key: await requireText(resolve(directory, key)),
    })),
  );
  return {
    origin: new URL(url.origin),
    path: apiPath(url.pathname, entry.overridePath),
    capabilities: entry.capabilities,
    tls: { ca, client, skipVerify: entry.skipVerify },
    headers: entry.headers,
    dialTimeoutMs: entry.dialTimeoutMs ?? DEFAULT_DIAL_TIMEOUT_MS,
    isRegistry,
  };
}

function apiPath(pathname: string, override: boolean): string {
  const clean = posix.normalize(pathname).replace(/\/+$/, "");
  return override || clean.endsWith("/v2") ? clean : `${clean}/v2`;
}

const NO_TLS: TlsSettings = { ca: [], client: [], skipVerify: false };

/** What is asked where nothing is configured. Registries on this machine speak plain HTTP, unless they have certificates. */
function defaultEndpoint(domain: string, tls: TlsSettings): Endpoint {
  const host = domain === DOCKER_HUB ? DOCKER_HUB_HOST : domain;
  const { hostname, port } = new URL(`https://${host}`);
  const configured = tls.ca.length > 0 || tls.client.length > 0;
  const plain = isLoopbackHost(hostname) && port !== "" && !configured;
  return {
    origin: new URL(`${plain ? "http" : "https"}://${host}`),
    path: "/v2",
    capabilities: new Set<Capability>(["pull", "resolve", "push"]),
    tls,
    headers: {},
    dialTimeoutMs: DEFAULT_DIAL_TIMEOUT_MS,
    isRegistry: true,
  };
}

async function findDirectory(domain: string, configPaths: readonly string[]): Promise<string | undefined> {
  const colon = domain.lastIndexOf(":");
  const hasPort = colon > domain.lastIndexOf("]");
  const names = hasPort ? [`${domain.slice(0, colon)}_${domain.slice(colon + 1)}_`, domain] : [domain];
  for (const root of configPaths) {
    for (const name of [...names, "_default"]) {
      const directory = join(root, name);
      try {
        if ((await stat(directory)).isDirectory()) return directory;
      } catch (error) {
        if (!isErrno(error, "ENOENT", "ENOTDIR")) throw error;
      }
    }
  }
  return undefined;
}

/** Docker's layout of a registry's directory. */
async function certificatesIn(directory: string): Promise<TlsSettings> {
  const names = (await readdir(directory)).toSorted();
  const ca: string[] = [];
  const client: { certificate: string; key: string }[] = [];
  for (const name of names) {
    if (name.endsWith(".crt")) ca.push(await requireText(join(directory, name)));
    if (!name.endsWith(".cert")) continue;
    const key = `${name.slice(0, -".cert".length)}.key`;
    if (!names.includes(key)) {
      throw new NodeletError("invalid", `There is no ${key} for this client certificate`, {
        where: join(directory, name),
        fix: "Put the key beside it; a certificate authority's name ends in .crt",
      });
    }
    client.push({
      certificate: await requireText(join(directory, name)),
      key: await requireText(join(directory, key)),
    });
  }
  return { ca, client, skipVerify: false };
}

async function requireText(path: string): Promise<string> {
  const text = await readText(path);
  if (text === undefined) throw new NodeletError("not-found", "There is no such file", { where: path });
  return text;
}

async function readText(path: string): Promise<string | undefined> {
  try {
    const { size } = await stat(path);
    if (size > MAX_FILE_BYTES)
      throw new NodeletError("invalid", `It has more than ${MAX_FILE_BYTES} bytes`, { where: path });
    return await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}
