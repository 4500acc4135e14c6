// Credentials of a kubeconfig's user: what stands in it, and files, which are read again when they change.

import { createHash } from "node:crypto";

import type { Clock } from "../base/clock.ts";
import { NodeletError } from "../base/errors.ts";
import type { Credential, Credentials } from "./credentials.ts";
import { createExecCredentials } from "./exec-plugin.ts";
import { type Kubeconfig, type Pem, readPem } from "./kubeconfig.ts";
import type { ClientIdentity } from "./transport/endpoint.ts";

/** client-go's, for token files. */
const FILE_AGE_NS = 60n * 1_000_000_000n;

export function userCredentials(kubeconfig: Kubeconfig, clock: Clock): Credentials {
  const { user } = kubeconfig;
  return user.exec === undefined
    ? new UserCredentials(kubeconfig, clock)
    : createExecCredentials(kubeconfig, user.exec, clock);
}

class UserCredentials implements Credentials {
  readonly #kubeconfig: Kubeconfig;
  readonly #clock: Clock;
  #known: { readonly credential: Credential; readonly digest: string; at: bigint } | undefined;
  #reading: Promise<Credential> | undefined;

  constructor(kubeconfig: Kubeconfig, clock: Clock) {
    this.#kubeconfig = kubeconfig;
    this.#clock = clock;
  }

  async current(_signal: AbortSignal): Promise<Credential> {
    const known = this.#known;
    if (known !== undefined && this.#clock.monotonic() - known.at < FILE_AGE_NS) return known.credential;
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined));
    try {
      return await this.#reading;
    } catch (error) {
      // Files that are being replaced: what was good a minute ago most likely still is.
      if (known === undefined) throw error;
      return known.credential;
    }
  }

  refused(credential: Credential): boolean {
    const { user } = this.#kubeconfig;
    const files = [user.certificate, user.key].some((pem) => pem !== undefined && "file" in pem);
    if (user.tokenFile === undefined && !files) return false;
    if (this.#known?.credential === credential) this.#known.at = this.#clock.monotonic() - FILE_AGE_NS;
    return true;
  }

  async #read(): Promise<Credential> {
    const { origin, user } = this.#kubeconfig;
    const [certificate, key, fromFile] = await Promise.all([
      given(user.certificate, `${origin}: client-certificate`),
      given(user.key, `${origin}: client-key`),
      given(user.tokenFile === undefined ? undefined : { file: user.tokenFile }, `${origin}: tokenFile`),
    ]);
    const token = fromFile?.trim() ?? user.token;
    if (token === "") throw new NodeletError("invalid", "The file is empty", { where: `${origin}: tokenFile` });
    const digest = createHash("sha256")
      .update(JSON.stringify([certificate, key, token]))
      .digest("hex");
    const at = this.#clock.monotonic();
    if (this.#known?.digest === digest) {
      this.#known.at = at;
      return this.#known.credential;
    }
    const before = this.#known?.credential.identity;
    const credential: Credential = {
      authorization: authorization(token, user.username, user.password),
      identity: sameIdentity(before, certificate, key),
    };
    this.#known = { credential, digest, at };
    return credential;
  }
}

function authorization(
  token: string | undefined,
  username: string | undefined,
  password: string | undefined,
): string | undefined {
  if (token !== undefined) return `Bearer ${token}`;
  if (username === undefined) return undefined;
  return `Basic ${Buffer.from(`${username}:${password ?? ""}`).toString("base64")}`;
}

/** The identity before where it has not changed: its connections are kept. */
function sameIdentity(
  before: ClientIdentity | undefined,
  certificate: string | undefined,
  key: string | undefined,
): ClientIdentity | undefined {
  if (certificate === undefined || key === undefined) return undefined;
  return before?.certificate === certificate && before.key === key ? before : { certificate, key };
}

async function given(pem: Pem | undefined, where: string): Promise<string | undefined> {
  return pem === undefined ? undefined : await readPem(pem, where);
}
