// The server's certificate and the CAs of its clients, read again when their files change.

import { readFile } from "node:fs/promises";
import type { SecureContextOptions } from "node:tls";

import type { Clock } from "../../base/clock.ts";
import { describeError, NodeletError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";

const RELOAD_MS = 60_000;

export interface CredentialFiles {
  /** Empty: the certificate does not come from a file. */
  readonly certFile: string;
  readonly keyFile: string;
  /** Empty: clients show no certificates. */
  readonly clientCaFile: string;
}

/** PEM. */
export interface Credentials extends Pick<SecureContextOptions, "cert" | "key" | "ca"> {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** Throws `invalid` naming the file that cannot be read. */
export async function readCredentials({ certFile, keyFile, clientCaFile }: CredentialFiles): Promise<Credentials> {
  const read = async (path: string, field: string): Promise<string> => {
    try {
      return await readFile(path, "utf8");
    } catch (cause) {
      throw new NodeletError("invalid", "Cannot read it", { where: path, cause, fix: `Correct ${field}` });
    }
  };
  const credentials = {
    ...(certFile === ""
      ? {}
      : { cert: await read(certFile, "tlsCertFile"), key: await read(keyFile, "tlsPrivateKeyFile") }),
    ...(clientCaFile === "" ? {} : { ca: await read(clientCaFile, "authentication.x509.clientCAFile") }),
  };
  // Brings all of TLS, which an agent that serves nobody does without.
  const { createSecureContext } = await import("../../base/https.ts");
  for (const [given, where, field] of [
    [{ cert: credentials.cert, key: credentials.key }, certFile, "tlsCertFile and tlsPrivateKeyFile"],
    [{ ca: credentials.ca }, clientCaFile, "authentication.x509.clientCAFile"],
  ] as const) {
    if (where === "") continue;
    try {
      if ("ca" in given && !/-----BEGIN CERTIFICATE-----/.test(given.ca ?? ""))
        throw new Error("it has no certificate");
      createSecureContext(given);
    } catch (cause) {
      throw new NodeletError("invalid", "Cannot be used", { where, cause, fix: `Correct ${field}` });
    }
  }
  return credentials;
}

/** Looks at the files now and then, until the signal is aborted; what is wrong is logged and leaves what is in use. */
export async function followCredentials(
  files: CredentialFiles,
  first: Credentials,
  apply: (credentials: Credentials) => void,
  { clock, log, signal, everyMs = RELOAD_MS }: { clock: Clock; log: Logger; signal: AbortSignal; everyMs?: number },
): Promise<void> {
  let current = JSON.stringify(first);
  while (!signal.aborted) {
    try {
      await clock.sleep(everyMs, { signal });
    } catch {
      return;
    }
    try {
      const credentials = await readCredentials(files);
      const text = JSON.stringify(credentials);
      if (text === current) continue;
      apply(credentials);
      current = text;
      log.info({ certificate: files.certFile }, "the server has new credentials");
    } catch (error) {
      log.warn({ error: describeError(error) }, "the server's credentials could not be read anew");
    }
  }
}
