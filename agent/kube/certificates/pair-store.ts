/**
 * Certificates with their keys, as kubelet keeps them: one file each, named after its time, and a link to the current one.
 *
 *     kubelet-client-2026-11-21-11-25-08.pem
 *     kubelet-client-current.pem -> DIR/kubelet-client-2026-11-21-11-25-08.pem
 *
 * Source: client-go, util/certificate/certificate_store.go.
 */
import { X509Certificate } from "node:crypto";
import { mkdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { isErrno, NodeletError } from "../../base/errors.ts";

export interface KeyPair {
  /** PEM: a certificate, perhaps with those above it, and its key. */
  readonly certificate: string;
  readonly key: string;
  /** Milliseconds since the epoch. */
  readonly notBefore: number;
  readonly notAfter: number;
}

export class PairStore {
  readonly #directory: string;
  readonly #name: string;

  /** `name`: `kubelet-client`, `kubelet-server`. */
  constructor(directory: string, name: string) {
    this.#directory = directory;
    this.#name = name;
  }

  /** The link: what a kubeconfig names as certificate and as key. */
  get currentPath(): string {
    return join(this.#directory, `${this.#name}-current.pem`);
  }

  /** Undefined: there is none yet. Throws `invalid` for a file that is no such pair. */
  async current(): Promise<KeyPair | undefined> {
    let text: string;
    try {
      text = await readFile(this.currentPath, "utf8");
    } catch (error) {
      if (isErrno(error, "ENOENT")) return undefined;
      throw error;
    }
    return parsePair(text, this.currentPath);
  }

  /** Writes a pair and makes it the current one; the one before stays. `now` in milliseconds since the epoch. */
  async update(certificate: string, key: string, now: number): Promise<KeyPair> {
    const time = new Date(now).toISOString().slice(0, 19).replaceAll(/[T:]/g, "-");
    const path = join(this.#directory, `${this.#name}-${time}.pem`);
    const text = `${certificate.trim()}\n${key.trim()}\n`;
    const pair = parsePair(text, path);
    await mkdir(this.#directory, { recursive: true, mode: 0o755 });
    await replace(path, (temporary) => writeFile(temporary, text, { mode: 0o600, flush: true }));
    await replace(this.currentPath, (temporary) => symlink(path, temporary));
    return pair;
  }
}

/** Makes it beside its place, then moves it there: it is whole or not there. */
async function replace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  await make(temporary);
  await rename(temporary, path);
}

/** Throws `invalid` for what is no certificate with its key. */
export function parsePair(text: string, where: string): KeyPair {
  const blocks = text.match(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----\n?/g) ?? [];
  const certificates = blocks.filter((block) => block.startsWith("-----BEGIN CERTIFICATE-----"));
  const key = blocks.find((block) => /^-----BEGIN [A-Z ]*PRIVATE KEY-----/.test(block));
  const [leaf] = certificates;
  if (leaf === undefined || key === undefined) {
    throw new NodeletError("invalid", "Must have a certificate and its private key, as PEM", {
      where,
      fix: "Remove the file: a new certificate is asked for then",
    });
  }
  try {
    const certificate = new X509Certificate(leaf);
    return {
      certificate: certificates.join(""),
      key,
      notBefore: certificate.validFromDate.getTime(),
      notAfter: certificate.validToDate.getTime(),
    };
  } catch (cause) {
    throw new NodeletError("invalid", "Its certificate cannot be read", { where, cause });
  }
}
