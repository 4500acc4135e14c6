// A certificate from the API server: a CertificateSigningRequest, and the wait until somebody has approved and signed it.

import type { V1CertificateSigningRequest } from "@kubernetes/client-node";

import { NodeletError } from "../../base/errors.ts";
import type { Clock } from "../../base/clock.ts";
import { withTimeout } from "../../base/limits.ts";
import { silentLogger } from "../../base/log.ts";
import type { KubeClient } from "../client.ts";
import { follow } from "../list-watch.ts";
import { CERTIFICATE_SIGNING_REQUESTS } from "../resources.ts";

/** kubelet's. */
const SIGNING_TIMEOUT_MS = 15 * 60_000;

export type SignerName = "kubernetes.io/kube-apiserver-client-kubelet" | "kubernetes.io/kubelet-serving";

const USAGES: Readonly<Record<SignerName, string>> = {
  "kubernetes.io/kube-apiserver-client-kubelet": "client auth",
  "kubernetes.io/kubelet-serving": "server auth",
};

export interface SigningOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly signer: SignerName;
  /** PEM. */
  readonly request: string;
  /** Of the object. One that is there already is taken up: the wait goes on where it was left. @default chosen by the server */
  readonly name?: string | undefined;
  /** The wait is given up then, milliseconds since the epoch, and after 15 minutes in any case. */
  readonly until?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** The certificate, PEM. Rejects with `denied` when it was refused, `timeout` when nobody signed it. */
export async function signedCertificate(options: SigningOptions): Promise<string> {
  const name = await create(options);
  const { until = Infinity, clock } = options;
  const left = until - Number(clock.now() / 1_000_000n);
  return await withTimeout(
    {
      milliseconds: Math.max(0, Math.min(SIGNING_TIMEOUT_MS, left)),
      what: `waiting for the approval of CertificateSigningRequest ${name}`,
      signal: options.signal,
    },
    (signal) => issued(options, name, signal),
  );
}

async function create({ client, signer, request, name, signal }: SigningOptions): Promise<string> {
  const object: V1CertificateSigningRequest = {
    metadata: name === undefined ? { generateName: "csr-" } : { name },
    spec: {
      request: Buffer.from(request).toString("base64"),
      signerName: signer,
      usages: ["digital signature", USAGES[signer]],
    },
  };
  try {
    const made = await client.create(CERTIFICATE_SIGNING_REQUESTS, object, { signal });
    return made.metadata?.name ?? "";
  } catch (error) {
    if (name !== undefined && error instanceof NodeletError && error.code === "exists") return name;
    throw error;
  }
}

async function issued({ client, clock }: SigningOptions, name: string, signal: AbortSignal): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  const look = (request: V1CertificateSigningRequest): void => {
    for (const { type, status, reason, message } of request.status?.conditions ?? []) {
      if (status !== "True" || (type !== "Denied" && type !== "Failed")) continue;
      const why = [reason, message].filter((text) => text !== undefined && text !== "").join(": ");
      reject(
        new NodeletError("denied", `The certificate was ${type === "Denied" ? "refused" : "not signed"}: ${why}`, {
          where: `CertificateSigningRequest ${name}`,
        }),
      );
    }
    const certificate = request.status?.certificate;
    if (certificate !== undefined && certificate !== "") resolve(Buffer.from(certificate, "base64").toString("latin1"));
  };
  const gone = (): void =>
    reject(new NodeletError("not-found", "The request was removed", { where: `CertificateSigningRequest ${name}` }));
  signal.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
  await using _following = follow({
    client,
    resource: CERTIFICATE_SIGNING_REQUESTS,
    fieldSelector: `metadata.name=${name}`,
    clock,
    log: silentLogger,
    handlers: {
      replace: (requests) => {
        const [request] = requests;
        if (request === undefined) gone();
        else look(request);
      },
      put: look,
      remove: gone,
    },
  });
  return await promise;
}
