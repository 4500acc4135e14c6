/**
 * One certificate of the node, kept valid: asked for when there is none, and anew when most of its life is over.
 * Source: client-go, util/certificate/certificate_manager.go.
 */
import { generateKeyPair, type KeyObject, X509Certificate } from "node:crypto";
import { isIP } from "node:net";
import { promisify } from "node:util";

import type { Clock } from "../../base/clock.ts";
import { describeError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { Wake } from "../../base/wake.ts";
import { Backoff, type BackoffPolicy } from "../backoff.ts";
import type { KubeClient } from "../client.ts";
import type { KeyPair, PairStore } from "./pair-store.ts";
import { certificateRequest, type RequestContent } from "./request.ts";
import { signedCertificate, type SignerName } from "./signing.ts";

/** It is asked for anew when between this and 0.9 of its life is over, by chance. */
const ROTATE_FROM = 0.7;
const ROTATE_SPREAD = 0.2;
/** client-go's wait between requests that fail. */
const BACKOFF: BackoffPolicy = { baseMs: 2_000, maxMs: 300_000, jitter: 0.1, resetMs: 600_000 };

export interface CertificateManagerOptions {
  readonly client: KubeClient;
  readonly store: PairStore;
  readonly signer: SignerName;
  /** In place of `client` while no certificate is valid: another user, who may ask for one. Closed after use. @default `client` */
  readonly substitute?: (() => Promise<KubeClient>) | undefined;
  /** What it must say; asked for whenever it is looked at. Undefined: not known yet, such as addresses. */
  readonly content: () => RequestContent | undefined;
  /** How often that is looked at besides. @default never */
  readonly lookMs?: number | undefined;
  /** Where nothing is stored yet: what came with the kubeconfig. */
  readonly initial?: KeyPair | undefined;
  readonly clock: Clock;
  readonly log: Logger;
  /** After a new certificate was stored. */
  readonly onChange?: ((pair: KeyPair) => void) | undefined;
  /** It was asked for in vain. */
  readonly onFailure?: (() => void) | undefined;
}

export class CertificateManager implements AsyncDisposable {
  readonly #options: CertificateManagerOptions;
  readonly #wake: Wake;
  readonly #stop = new AbortController();
  readonly #running: Promise<void>;
  #current: KeyPair | undefined;

  private constructor(options: CertificateManagerOptions, current: KeyPair | undefined) {
    this.#options = options;
    this.#current = current;
    this.#wake = new Wake(options.clock);
    this.#running = this.#run();
  }

  /** Reads what is stored; what has to be asked for comes later. */
  static async start(options: CertificateManagerOptions): Promise<CertificateManager> {
    let current: KeyPair | undefined;
    try {
      current = await options.store.current();
    } catch (error) {
      options.log.warn(
        { error: describeError(error) },
        "the stored certificate cannot be used: another one is asked for",
      );
    }
    return new CertificateManager(options, current ?? options.initial);
  }

  /** Undefined: none that is valid now. */
  get current(): KeyPair | undefined {
    const now = this.#now();
    return this.#current !== undefined && now < this.#current.notAfter ? this.#current : undefined;
  }

  /** What `content` gives may have changed. */
  check(): void {
    this.#wake.ring();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the certificate is no longer kept"));
    await this.#running;
  }

  async #run(): Promise<void> {
    const { signal } = this.#stop;
    const { clock, log } = this.#options;
    const backoff = new Backoff(BACKOFF, clock);
    let deadline = this.#deadline();
    while (!signal.aborted) {
      const content = this.#options.content();
      const due =
        this.#current === undefined ||
        this.#now() >= deadline ||
        (content !== undefined && !says(this.#current, content));
      if (content === undefined || !due) {
        const { lookMs } = this.#options;
        const untilDue = this.#current === undefined ? undefined : deadline - this.#now();
        await this.#wake.wait(lookMs === undefined ? untilDue : Math.min(lookMs, untilDue ?? lookMs), signal);
        continue;
      }
      try {
        await this.#rotate(content, signal);
        deadline = this.#deadline();
        backoff.reset();
      } catch (error) {
        if (signal.aborted) return;
        this.#options.onFailure?.();
        const retryMs = backoff.next();
        log.warn({ error: describeError(error), retryMs: Math.round(retryMs) }, "no new certificate can be had");
        await clock.sleep(retryMs, { signal }).catch(() => undefined);
      }
    }
  }

  async #rotate(content: RequestContent, signal: AbortSignal): Promise<void> {
    const { store, signer, log, onChange } = this.#options;
    const key = await newKey();
    const certificate = await this.#signed(certificateRequest(key, content), signal);
    const pair = await store.update(certificate, keyText(key), this.#now());
    this.#current = pair;
    log.info({ signer, until: new Date(pair.notAfter).toISOString() }, "a new certificate");
    onChange?.(pair);
  }

  async #signed(request: string, signal: AbortSignal): Promise<string> {
    const { client, substitute, clock, signer } = this.#options;
    const asked = { clock, signer, request, signal };
    if (substitute === undefined) return await signedCertificate({ ...asked, client });
    const { current } = this;
    // A request that is not answered while the certificate lasts cannot be seen by its own client afterwards.
    if (current !== undefined) return await signedCertificate({ ...asked, client, until: current.notAfter });
    const other = await substitute();
    try {
      return await signedCertificate({ ...asked, client: other });
    } finally {
      other.close();
    }
  }

  #deadline(): number {
    return this.#current === undefined ? 0 : rotationTime(this.#current, Math.random());
  }

  #now(): number {
    return Number(this.#options.clock.now() / 1_000_000n);
  }
}

/** When it is to be asked for anew, in milliseconds since the epoch. `chance` is in [0, 1). */
export function rotationTime({ notBefore, notAfter }: Pick<KeyPair, "notBefore" | "notAfter">, chance: number): number {
  return notBefore + (notAfter - notBefore) * (ROTATE_FROM + ROTATE_SPREAD * chance);
}

/** EC, P-256, as kubelet's. */
export async function newKey(): Promise<KeyObject> {
  const { privateKey } = await promisify(generateKeyPair)("ec", { namedCurve: "prime256v1" });
  return privateKey;
}

/** PEM, as kubelet writes it. */
export function keyText(key: KeyObject): string {
  return key.export({ type: "sec1", format: "pem" }).toString();
}

/** Whether the certificate is of that subject and has all of the names. */
export function says({ certificate }: Pick<KeyPair, "certificate">, content: RequestContent): boolean {
  const parsed = new X509Certificate(certificate);
  const subject = parsed.subject.split("\n").toSorted();
  const wanted = [...content.organizations.map((name) => `O=${name}`), `CN=${content.commonName}`].toSorted();
  if (subject.join("\n") !== wanted.join("\n")) return false;
  const named = (content.dnsNames ?? []).every((name) => parsed.checkHost(name, { subject: "never" }) !== undefined);
  return (
    named &&
    (content.ipAddresses ?? []).every((address) => isIP(address) !== 0 && parsed.checkIP(address) !== undefined)
  );
}
