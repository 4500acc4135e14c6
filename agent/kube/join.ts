// The node's way to its API server: kubeconfig, bootstrap where there is none, certificate and its rotation, one client.

import type { Clock } from "../base/clock.ts";
import type { Logger } from "../base/log.ts";
import { bootstrap, clientStore, nodeIdentity } from "./certificates/bootstrap.ts";
import { CertificateManager } from "./certificates/manager.ts";
import type { CertificateMeters } from "./certificates/meters.ts";
import { type KeyPair, parsePair } from "./certificates/pair-store.ts";
import type { KubeClient } from "./client.ts";
import { connect } from "./connect.ts";
import type { Credential, Credentials } from "./credentials.ts";
import { createHttpClients } from "./http-client.ts";
import { loadKubeconfig } from "./kubeconfig.ts";
import type { Rate } from "./rate-limit.ts";
import type { RequestMeters } from "./request-meters.ts";
import { userCredentials } from "./user-credentials.ts";

/** KubeletConfiguration's kubeAPIQPS and kubeAPIBurst. */
export const DEFAULT_RATE: Rate = { perSecond: 50, burst: 100 };

export interface JoinOptions {
  /** Written by the bootstrap where there is none. */
  readonly kubeconfig: string;
  readonly bootstrapKubeconfig?: string | undefined;
  /** kubelet's --cert-dir. */
  readonly certificateDirectory: string;
  readonly nodeName: string;
  /** KubeletConfiguration's rotateCertificates: without it a certificate is asked for at the start, and not while it runs. */
  readonly rotate: boolean;
  readonly clock: Clock;
  readonly log: Logger;
  /** `nodelet/0.1.0` */
  readonly userAgent: string;
  /** @default kubelet's */
  readonly rate?: Rate | undefined;
  /** Count what is asked of the server, and of certificates. @default nobody does */
  readonly meters?: { readonly requests: RequestMeters; readonly certificate: CertificateMeters } | undefined;
  /** Ends the wait for a first certificate. */
  readonly signal: AbortSignal;
}

export interface Joined extends AsyncDisposable {
  readonly client: KubeClient;
  /** The same user's without the rate: for what has a rate of its own, and for what tells that the node lives. */
  readonly unlimited: KubeClient;
  /** The client certificate, where the node keeps one itself. */
  readonly certificate: (() => KeyPair | undefined) | undefined;
}

/**
 * Resolves as soon as the node has credentials, which a bootstrap may wait long for; whether the server is there is not asked. Throws
 * for a kubeconfig that is wrong.
 */
export async function joinApiServer(options: JoinOptions): Promise<Joined> {
  const { clock, log, certificateDirectory, bootstrapKubeconfig, userAgent, rate = DEFAULT_RATE } = options;
  if (bootstrapKubeconfig !== undefined) await bootstrap({ ...options, bootstrapKubeconfig });
  const kubeconfig = await loadKubeconfig(options.kubeconfig);
  const user = userCredentials(kubeconfig, clock);
  const hasCertificate = kubeconfig.user.certificate !== undefined;
  const keeps = hasCertificate && options.rotate;
  if (bootstrapKubeconfig !== undefined && hasCertificate && !options.rotate)
    log.info("the client certificate is not renewed while the agent runs, as rotateCertificates is false");

  const holder: { manager: CertificateManager | undefined } = { manager: undefined };
  const credentials = keeps ? ownCertificate(() => holder.manager?.current, user) : user;
  const { client, unlimited } = createHttpClients({
    endpoint: kubeconfig.endpoint,
    credentials,
    clock,
    userAgent,
    rate,
    meters: options.meters?.requests,
  });
  try {
    if (keeps) {
      const { identity } = await user.current(options.signal);
      const content = nodeIdentity(options.nodeName);
      holder.manager = await CertificateManager.start({
        client,
        substitute:
          bootstrapKubeconfig === undefined
            ? undefined
            : async () => connect(await loadKubeconfig(bootstrapKubeconfig), { clock, userAgent }),
        store: clientStore(certificateDirectory),
        signer: "kubernetes.io/kube-apiserver-client-kubelet",
        content: () => content,
        initial:
          identity === undefined
            ? undefined
            : parsePair(`${identity.certificate}\n${identity.key}`, options.kubeconfig),
        clock,
        log: log.child({ certificate: "client" }),
        onFailure: () => options.meters?.certificate.failed(),
      });
      options.meters?.certificate.follow(() => holder.manager?.current?.notAfter);
    }
  } catch (error) {
    client.close();
    throw error;
  }
  return {
    client,
    unlimited,
    certificate: keeps ? () => holder.manager?.current : undefined,
    async [Symbol.asyncDispose]() {
      await holder.manager?.[Symbol.asyncDispose]();
      client.close();
    },
  };
}

/** The certificate that is kept, as long as it is valid; else what the kubeconfig says. */
function ownCertificate(current: () => KeyPair | undefined, otherwise: Credentials): Credentials {
  let last: { readonly pair: KeyPair; readonly credential: Credential } | undefined;
  return {
    async current(signal) {
      const pair = current();
      if (pair === undefined) return await otherwise.current(signal);
      // Connections are told apart by this object.
      if (last?.pair !== pair) last = { pair, credential: { identity: pair } };
      return last.credential;
    },
    refused: (credential) => credential !== last?.credential && otherwise.refused(credential),
  };
}
