/**
 * The certificate of the kubelet's API, signed for the node as the API server's signer kubernetes.io/kubelet-serving wants it.
 * Source: kubelet, pkg/kubelet/certificate/kubelet.go.
 */
import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { KubeClient } from "../client.ts";
import { nodeIdentity } from "./bootstrap.ts";
import { CertificateManager } from "./manager.ts";
import { type KeyPair, PairStore } from "./pair-store.ts";

/** As often as the node's status is looked at by default. */
const LOOK_MS = 10_000;

export interface ServingOptions {
  readonly client: KubeClient;
  /** kubelet's --cert-dir. */
  readonly directory: string;
  readonly nodeName: string;
  /** The node's, which the certificate names beside its name; another one is asked for when they change. */
  readonly addresses: () => readonly string[];
  /** Until the first one is signed. */
  readonly initial: KeyPair | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** Another one is to be shown from now on. */
  readonly onChange: (pair: KeyPair) => void;
  /** It was asked for in vain. */
  readonly onFailure: () => void;
}

/** Kept valid until it is disposed. What an earlier daemon was given is there at once. */
export async function keepServingCertificate(options: ServingOptions): Promise<CertificateManager> {
  const { client, directory, nodeName, addresses, initial, clock, log, onChange, onFailure } = options;
  return await CertificateManager.start({
    client,
    store: new PairStore(directory, "kubelet-server"),
    signer: "kubernetes.io/kubelet-serving",
    content: () => ({ ...nodeIdentity(nodeName), dnsNames: [nodeName], ipAddresses: addresses() }),
    lookMs: LOOK_MS,
    initial,
    clock,
    log,
    onChange,
    onFailure,
  });
}
