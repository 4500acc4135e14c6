/**
 * Who we are to a registry: what the CRI's caller or `nodelet pull --creds` gives, else what the node's `config.json` files
 * have (docker's format: auths, identitytoken, credHelpers, credsStore).
 */
import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";

import { withStreams } from "../../base/child.ts";
import { isErrno, NodeletError } from "../../base/errors.ts";
import { withTimeout } from "../../base/limits.ts";
import type { PullCredentials } from "../images.ts";
import { bareHost } from "./addresses.ts";

export interface Credentials {
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  /** OAuth2's refresh token. */
  readonly identityToken?: string | undefined;
  /** Sent to the registry as it is. */
  readonly registryToken?: string | undefined;
}

type JsonObject = Readonly<Record<string, unknown>>;

const HELPER_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;
const HELPER_LIMIT_MS = 30_000;
const MAX_HELPER_OUTPUT = 64 * 1024;
const MAX_CONFIG_BYTES = 4 * 1024 * 1024;
/** A helper's user name when the secret is an identity token. */
const TOKEN_USER = "<token>";
const DOCKER_HUB_NAMES: readonly string[] = ["docker.io", "index.docker.io", "registry-1.docker.io"];
const DOCKER_HUB_KEY = "https://index.docker.io/v1/";

/** Undefined when it holds nothing. */
export function fromAuthConfig(config: PullCredentials | undefined): Credentials | undefined {
  if (config === undefined) return undefined;
  const given = (text: string | undefined): string | undefined => (text === "" ? undefined : text);
  let username = given(config.username);
  let password = given(config.password);
  if (username === undefined && given(config.auth) !== undefined) {
    [username, password] = decodeAuth(config.auth ?? "", "the credentials' auth");
  }
  const identityToken = given(config.identityToken);
  const registryToken = given(config.registryToken);
  if (username === undefined && identityToken === undefined && registryToken === undefined) return undefined;
  return { username, password: password ?? "", identityToken, registryToken };
}

/** `host[:port][/path]` of a key of config.json or of an AuthConfig's serverAddress. */
export function registryKey(address: string): { readonly host: string; readonly path: string } {
  const bare = address.replace(/^[a-z][a-z0-9+.-]*:\/\//i, "");
  const slash = bare.indexOf("/");
  const host = (slash === -1 ? bare : bare.slice(0, slash)).toLowerCase();
  const path = slash === -1 ? "" : bare.slice(slash + 1).replace(/\/+$/, "");
  // Docker's own keys end in the API's version.
  const meant = /^v[12]$/.test(path) ? "" : path;
  return { host: DOCKER_HUB_NAMES.includes(bareHost(host)) ? "docker.io" : host, path: meant };
}

/**
 * Credentials for a repository at a host, from the first of the files that has some: the key with the longest path that fits,
 * then credHelpers, then credsStore. `*` in a key stands for a part of the host name, as kubelet has it.
 */
export async function findCredentials(
  files: readonly string[],
  host: string,
  repository: string,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  for (const path of files) {
    const config = await readConfig(path);
    if (config === undefined) continue;
    const found = await lookUp(config, path, host, repository, signal);
    if (found !== undefined) return found;
  }
  return undefined;
}

async function lookUp(
  config: JsonObject,
  path: string,
  host: string,
  repository: string,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  const wanted = registryKey(host).host;
  const helpers = objectOf(config["credHelpers"]);
  for (const [key, helper] of Object.entries(helpers)) {
    if (registryKey(key).host === wanted) return runHelper(helper, serverKey(wanted), path, signal);
  }
  const matches = Object.entries(objectOf(config["auths"]))
    .map(([key, value]) => ({ key: registryKey(key), value: objectOf(value), text: key }))
    .filter(({ key }) => fits(key, wanted, repository))
    .toSorted(
      (a, b) =>
        b.key.path.length - a.key.path.length || Number(a.key.host.includes("*")) - Number(b.key.host.includes("*")),
    );
  for (const { value, text } of matches) {
    const found = fromAuthConfig({
      ...decodeEntry(value, `${path}: auths.${text}`),
      identityToken: textOf(value["identitytoken"]),
      registryToken: textOf(value["registrytoken"]),
    });
    if (found !== undefined) return found;
  }
  const store = config["credsStore"];
  return store === undefined || store === "" ? undefined : runHelper(store, serverKey(wanted), path, signal);
}

function serverKey(host: string): string {
  return host === "docker.io" ? DOCKER_HUB_KEY : host;
}

function fits(key: { host: string; path: string }, host: string, repository: string): boolean {
  const pattern = key.host.split(":");
  const actual = host.split(":");
  if (pattern.length !== actual.length || (pattern[1] ?? "") !== (actual[1] ?? "")) return false;
  const parts = (pattern[0] ?? "").split(".");
  const labels = (actual[0] ?? "").split(".");
  if (parts.length !== labels.length) return false;
  if (!parts.every((part, index) => glob(part, labels[index] ?? ""))) return false;
  return key.path === "" || repository === key.path || repository.startsWith(`${key.path}/`);
}

function glob(pattern: string, text: string): boolean {
  if (!pattern.includes("*")) return pattern === text;
  const pieces = pattern.split("*").map((piece) => piece.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`));
  return new RegExp(`^${pieces.join(".*")}$`).test(text);
}

function decodeEntry(entry: JsonObject, where: string): { username?: string; password?: string } {
  const username = textOf(entry["username"]);
  if (username !== undefined) return { username, password: textOf(entry["password"]) ?? "" };
  const auth = textOf(entry["auth"]);
  if (auth === undefined) return {};
  const [user, password] = decodeAuth(auth, where);
  return { username: user, password };
}

function decodeAuth(auth: string, where: string): [string, string] {
  const text = Buffer.from(auth, "base64").toString("utf8").replace(/\0+$/, "");
  const colon = text.indexOf(":");
  if (colon <= 0) {
    throw new NodeletError("invalid", "the auth is not base64 of USER:PASSWORD", { where, fix: "Log in again" });
  }
  return [text.slice(0, colon), text.slice(colon + 1)];
}

async function readConfig(path: string): Promise<JsonObject | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (isErrno(error, "ENOENT", "ENOTDIR")) return undefined;
    throw new NodeletError("denied", "Cannot read the registries' credentials", { where: path, cause: error });
  }
  if (text.length > MAX_CONFIG_BYTES)
    throw new NodeletError("invalid", `It has more than ${MAX_CONFIG_BYTES} bytes`, { where: path });
  try {
    return objectOf(JSON.parse(text));
  } catch {
    // The parser's message would show what is in the file.
    throw new NodeletError("invalid", "It is not JSON", { where: path, fix: "Correct the file, or log in again" });
  }
}

/** docker-credential-NAME get: the server on its input, a JSON object on its output. */
async function runHelper(
  name: unknown,
  server: string,
  where: string,
  signal: AbortSignal,
): Promise<Credentials | undefined> {
  if (typeof name !== "string" || !HELPER_NAME.test(name)) {
    throw new NodeletError("invalid", `${JSON.stringify(name)} is no name of a credential helper`, { where });
  }
  const program = `docker-credential-${name}`;
  const { code, out } = await withTimeout({ milliseconds: HELPER_LIMIT_MS, what: program, signal }, (limit) =>
    runProgram(program, server, where, limit),
  );
  if (code !== 0) {
    if (/credentials not found/i.test(out)) return undefined;
    throw new NodeletError("unavailable", `${program} ended with ${code}`, {
      where,
      cause: out.trim() === "" ? undefined : new Error(JSON.stringify(out.trim().slice(0, 500))),
      fix: `Run it by hand: echo ${server} | ${program} get`,
    });
  }
  let answer: JsonObject;
  try {
    answer = objectOf(JSON.parse(out));
  } catch {
    throw new NodeletError("invalid", `${program} did not answer with JSON`, { where });
  }
  const username = textOf(answer["Username"]) ?? "";
  const secret = textOf(answer["Secret"]);
  if (secret === undefined) return undefined;
  return username === TOKEN_USER ? { identityToken: secret } : fromAuthConfig({ username, password: secret });
}

function runProgram(
  program: string,
  input: string,
  where: string,
  signal: AbortSignal,
): Promise<{ code: number | null; out: string }> {
  const { promise, resolve, reject } = Promise.withResolvers<{ code: number | null; out: string }>();
  // In a group of its own, so that what it starts goes with it.
  const child = withStreams(spawn(program, ["get"], { stdio: ["pipe", "pipe", "ignore"], detached: true }), program);
  const kill = (): void => {
    try {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    } catch (error) {
      if (!isErrno(error, "ESRCH")) throw error;
    }
  };
  signal.addEventListener("abort", kill, { once: true });
  let out = "";
  child.stdout.setEncoding("utf8");
  child.stdout.on("data", (text: string) => {
    out += text;
    if (out.length > MAX_HELPER_OUTPUT) kill();
  });
  child.stdin.on("error", () => undefined);
  child.stdin.end(`${input}\n`);
  child.on("error", (error) => {
    reject(
      isErrno(error, "ENOENT")
        ? new NodeletError("not-found", `There is no ${program} on the PATH`, {
            where,
            fix: "Install the credential helper",
          })
        : error,
    );
  });
  child.on("close", (code) => {
    signal.removeEventListener("abort", kill);
    if (out.length > MAX_HELPER_OUTPUT)
      reject(new NodeletError("invalid", `${program} answers without end`, { where }));
    else resolve({ code, out });
  });
  return promise;
}

function objectOf(value: unknown): JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as JsonObject) : {};
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
