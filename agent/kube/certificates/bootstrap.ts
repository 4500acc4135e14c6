/**
 * A node's first client certificate, by a bootstrap kubeconfig, and the kubeconfig that names it.
 * Source: kubelet, pkg/kubelet/certificate/bootstrap/bootstrap.go.
 */
import { createHash, createPrivateKey, createPublicKey, type KeyObject } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";

import type { Clock } from "../../base/clock.ts";
import { describeError, isErrno, NodeletError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Backoff, type BackoffPolicy } from "../backoff.ts";
import { connect } from "../connect.ts";
import { type Kubeconfig, loadKubeconfig, readPem } from "../kubeconfig.ts";
import { keyText, newKey } from "./manager.ts";
import { PairStore, parsePair } from "./pair-store.ts";
import { certificateRequest, type RequestContent } from "./request.ts";
import { signedCertificate } from "./signing.ts";

/** The key of a request that has not been answered yet: after a restart the wait goes on. */
const PENDING_KEY = "kubelet-client.key.tmp";
/** Between tries while the server is away. */
const BACKOFF: BackoffPolicy = { baseMs: 1_000, maxMs: 30_000, jitter: 0.2, resetMs: 600_000 };

export interface BootstrapOptions {
  /** Written when there is none that is valid. */
  readonly kubeconfig: string;
  readonly bootstrapKubeconfig: string;
  readonly certificateDirectory: string;
  readonly nodeName: string;
  readonly clock: Clock;
  readonly log: Logger;
  readonly userAgent: string;
  readonly signal: AbortSignal;
}

/** What a node calls itself: Kubernetes' node authoriser goes by it. */
export function nodeIdentity(nodeName: string): RequestContent {
  return { commonName: `system:node:${nodeName}`, organizations: ["system:nodes"] };
}

export function clientStore(directory: string): PairStore {
  return new PairStore(directory, "kubelet-client");
}

/** Tries until it has a certificate; rejects for what waiting does not mend, and with the signal's reason. */
export async function bootstrap(options: BootstrapOptions): Promise<void> {
  const { clock, log, signal } = options;
  if (await isUsable(options)) return;
  const source = await loadKubeconfig(options.bootstrapKubeconfig);
  log.info({ kubeconfig: options.bootstrapKubeconfig }, "asking for a client certificate by the bootstrap kubeconfig");
  const backoff = new Backoff(BACKOFF, clock);
  for (;;) {
    try {
      await requestOnce(options, source);
      return;
    } catch (error) {
      signal.throwIfAborted();
      // Somebody may yet approve, or let this token ask; the server may come.
      if (error instanceof NodeletError && error.code === "invalid") throw error;
      const retryMs = backoff.next();
      log.warn({ error: describeError(error), retryMs: Math.round(retryMs) }, "no client certificate yet");
      await clock.sleep(retryMs, { signal });
    }
  }
}

/** Whether the kubeconfig is there and its certificate, if it has one, is valid now. */
async function isUsable({ kubeconfig, clock, log }: BootstrapOptions): Promise<boolean> {
  let known: Kubeconfig;
  try {
    known = await loadKubeconfig(kubeconfig);
  } catch (error) {
    if (error instanceof NodeletError && error.code === "not-found") return false;
    throw error;
  }
  const { certificate, key } = known.user;
  if (certificate === undefined || key === undefined) return true;
  try {
    const texts = await Promise.all([certificate, key].map((pem) => readPem(pem, kubeconfig)));
    const now = Number(clock.now() / 1_000_000n);
    if (now < parsePair(texts.join("\n"), kubeconfig).notAfter) return true;
    log.warn({ kubeconfig }, "the client certificate of the kubeconfig has expired");
  } catch (error) {
    log.warn({ kubeconfig, error: describeError(error) }, "the client certificate of the kubeconfig cannot be used");
  }
  return false;
}

async function requestOnce(options: BootstrapOptions, source: Kubeconfig): Promise<void> {
  const { clock, signal, userAgent } = options;
  const content = nodeIdentity(options.nodeName);
  const key = await pendingKey(options.certificateDirectory);
  const client = connect(source, { clock, userAgent });
  let certificate: string;
  try {
    certificate = await signedCertificate({
      client,
      clock,
      signer: "kubernetes.io/kube-apiserver-client-kubelet",
      request: certificateRequest(key, content),
      name: requestName(key, content),
      signal,
    });
  } catch (error) {
    // One that was refused or removed stays so under its name: another key gets another.
    if (
      error instanceof NodeletError &&
      (error.code === "denied" || error.code === "not-found") &&
      error.where?.startsWith("Certificate")
    ) {
      await rm(join(options.certificateDirectory, PENDING_KEY), { force: true });
    }
    throw error;
  } finally {
    client.close();
  }
  const store = clientStore(options.certificateDirectory);
  await store.update(certificate, keyText(key), Number(clock.now() / 1_000_000n));
  await writeKubeconfig(options, source, store.currentPath);
  await rm(join(options.certificateDirectory, PENDING_KEY), { force: true });
}

async function pendingKey(directory: string): Promise<KeyObject> {
  const path = join(directory, PENDING_KEY);
  try {
    return createPrivateKey(await readFile(path));
  } catch (error) {
    // One that was torn by a crash has asked for nothing.
    if (
      !isErrno(error, "ENOENT") &&
      !(error instanceof Error && "opensslErrorStack" in error) &&
      !isErrno(error, "ERR_OSSL_UNSUPPORTED")
    )
      throw error;
  }
  const key = await newKey();
  await mkdir(directory, { recursive: true, mode: 0o755 });
  await writeFile(path, keyText(key), { mode: 0o600, flush: true });
  return key;
}

/** The same for the same key and content. */
function requestName(key: KeyObject, content: RequestContent): string {
  const digest = createHash("sha512")
    .update(createPublicKey(key).export({ type: "spki", format: "der" }))
    .update(JSON.stringify(content))
    .digest("hex");
  return `node-csr-${digest.slice(0, 43)}`;
}

async function writeKubeconfig(options: BootstrapOptions, source: Kubeconfig, certificate: string): Promise<void> {
  const { serverName, proxy, ca, skipVerify, server } = source.endpoint;
  const config = {
    apiVersion: "v1",
    kind: "Config",
    clusters: [
      {
        name: "default-cluster",
        cluster: {
          server: server.href.replace(/\/$/, ""),
          "certificate-authority-data": ca === undefined ? undefined : Buffer.from(ca).toString("base64"),
          "insecure-skip-tls-verify": skipVerify || undefined,
          "tls-server-name": serverName,
          "proxy-url": proxy?.href,
        },
      },
    ],
    users: [{ name: "default-auth", user: { "client-certificate": certificate, "client-key": certificate } }],
    contexts: [
      { name: "default-context", context: { cluster: "default-cluster", user: "default-auth", namespace: "default" } },
    ],
    "current-context": "default-context",
  };
  const temporary = `${options.kubeconfig}.new`;
  await mkdir(dirname(options.kubeconfig), { recursive: true });
  await writeFile(temporary, `${JSON.stringify(config, undefined, 2)}\n`, { mode: 0o600, flush: true });
  await rename(temporary, options.kubeconfig);
}
