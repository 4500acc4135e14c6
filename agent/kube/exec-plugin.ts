/**
 * Credentials from a program: https://kubernetes.io/docs/reference/access-authn-authz/authentication/#client-go-credential-plugins.
 * Its answer holds until expirationTimestamp, or until the server refuses it.
 */
import { execFile } from "node:child_process";

import type { Clock } from "../base/clock.ts";
import { isErrno, NodeletError } from "../base/errors.ts";
import { unlessAborted } from "../base/limits.ts";
import { isMapping } from "../base/shapes.ts";
import type { Credential, Credentials } from "./credentials.ts";
import type { ExecPlugin, Kubeconfig } from "./kubeconfig.ts";

const TIMEOUT_MS = 60_000;
const MAX_OUTPUT_BYTES = 1024 * 1024;
const MAX_QUOTED = 500;

interface Answer {
  readonly credential: Credential;
  /** Milliseconds since the epoch; undefined: until it is refused. */
  readonly expires: number | undefined;
}

export function createExecCredentials(kubeconfig: Kubeconfig, plugin: ExecPlugin, clock: Clock): Credentials {
  let known: Answer | undefined;
  let running: Promise<Answer> | undefined;
  const run = async (): Promise<Answer> => {
    const text = await execute(plugin, await execInfo(kubeconfig, plugin));
    return (known = parseExecCredential(text, plugin, known?.credential));
  };
  return {
    async current(signal) {
      const now = Number(clock.now() / 1_000_000n);
      if (known !== undefined && (known.expires === undefined || now < known.expires)) return known.credential;
      running ??= run().finally(() => (running = undefined));
      return (await unlessAborted(running, signal)).credential;
    },
    refused(credential) {
      if (known?.credential === credential) known = { credential, expires: 0 };
      return true;
    },
  };
}

/** KUBERNETES_EXEC_INFO. */
async function execInfo({ cluster, endpoint }: Kubeconfig, plugin: ExecPlugin): Promise<string> {
  const described = plugin.provideClusterInfo
    ? {
        cluster: {
          server: cluster["server"],
          "tls-server-name": endpoint.serverName,
          "insecure-skip-tls-verify": endpoint.skipVerify || undefined,
          "certificate-authority-data":
            endpoint.ca === undefined ? undefined : Buffer.from(endpoint.ca).toString("base64"),
          "proxy-url": cluster["proxy-url"],
          config: pluginConfig(cluster),
        },
      }
    : {};
  return JSON.stringify({
    apiVersion: plugin.apiVersion,
    kind: "ExecCredential",
    spec: { interactive: false, ...described },
  });
}

/** Extension of the cluster that is meant for exec plugins. */
function pluginConfig(cluster: Readonly<Record<string, unknown>>): unknown {
  const extensions = Array.isArray(cluster["extensions"]) ? cluster["extensions"].filter(isMapping) : [];
  return extensions.find(({ name }) => name === "client.authentication.k8s.io/exec")?.["extension"];
}

function execute(plugin: ExecPlugin, info: string): Promise<string> {
  const env = { ...process.env, ...Object.fromEntries(plugin.env.map(({ name, value }) => [name, value])) };
  return new Promise((resolve, reject) => {
    const child = execFile(
      plugin.command,
      [...plugin.args],
      {
        env: { ...env, KUBERNETES_EXEC_INFO: info },
        timeout: TIMEOUT_MS,
        killSignal: "SIGKILL",
        maxBuffer: MAX_OUTPUT_BYTES,
      },
      (error, stdout, stderr) => {
        if (error === null) return resolve(stdout);
        const missing = isErrno(error, "ENOENT");
        const said = stderr.trim().slice(0, MAX_QUOTED);
        reject(
          new NodeletError(
            "unavailable",
            missing
              ? `There is no program ${plugin.command} for credentials`
              : `The credential plugin ${plugin.command} failed${said === "" ? "" : `: ${said}`}`,
            { cause: error, fix: missing ? plugin.installHint : undefined },
          ),
        );
      },
    );
    child.stdin?.end();
  });
}

/** Throws `invalid` for what is no ExecCredential of the version asked for. The identity of `before` is kept when it is the same. */
export function parseExecCredential(text: string, plugin: ExecPlugin, before?: Credential): Answer {
  const wrong = (message: string, cause?: unknown): NodeletError =>
    new NodeletError("invalid", message, { where: `credential plugin ${plugin.command}`, cause });
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw wrong("Its output is not JSON", cause);
  }
  if (!isMapping(value) || value["kind"] !== "ExecCredential") throw wrong("Its output is no ExecCredential");
  if (value["apiVersion"] !== plugin.apiVersion) {
    throw wrong(`Its answer is of ${String(value["apiVersion"])}, it was asked for ${plugin.apiVersion}`);
  }
  const status = isMapping(value["status"]) ? value["status"] : {};
  const field = (name: string): string | undefined => {
    const item = status[name];
    return typeof item === "string" && item !== "" ? item : undefined;
  };
  const token = field("token");
  const certificate = field("clientCertificateData");
  const key = field("clientKeyData");
  if ((certificate === undefined) !== (key === undefined))
    throw wrong("status has a certificate without a key, or a key without it");
  if (token === undefined && certificate === undefined)
    throw wrong("status has neither token nor clientCertificateData");
  const expiration = field("expirationTimestamp");
  const expires = expiration === undefined ? undefined : Date.parse(expiration);
  if (Number.isNaN(expires)) throw wrong("status.expirationTimestamp is not a time");
  const identity =
    certificate === undefined || key === undefined
      ? undefined
      : before?.identity?.certificate === certificate && before.identity.key === key
        ? before.identity
        : { certificate, key };
  return { credential: { authorization: token === undefined ? undefined : `Bearer ${token}`, identity }, expires };
}
