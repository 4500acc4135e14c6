// A certificate for the server where none is given: an authority of its own signs it, and both are in the file, as kubelet makes it.

import { generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { isIP } from "node:net";
import { dirname, join } from "node:path";

import { isErrno, NodeletError } from "../../base/errors.ts";
import {
  bits,
  constructed,
  implicit,
  integer,
  octets,
  oid,
  sequence,
  setOf,
  smallInteger,
  time,
  truth,
  utf8,
  type Der,
} from "../../kube/certificates/der.ts";

const OID = {
  commonName: "2.5.4.3",
  subjectAltName: "2.5.29.17",
  basicConstraints: "2.5.29.19",
  keyUsage: "2.5.29.15",
  extendedKeyUsage: "2.5.29.37",
  serverAuth: "1.3.6.1.5.5.7.3.1",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
} as const;

const VERSION_3 = 2;
/** Of GeneralName. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;
const DAY_MS = 24 * 60 * 60 * 1000;
const VALID_DAYS = 365;
/** Clocks differ. */
const BACKDATED_MS = 60 * 60 * 1000;
const SERIAL_BYTES = 16;
/** BIT STRING of named bits: the number of unused ones, then they. */
const CERT_SIGN = Buffer.from([0x03, 0x02, 0x02, 0x04]);
const DIGITAL_SIGNATURE = Buffer.from([0x03, 0x02, 0x07, 0x80]);

export interface ServerPair {
  /** PEM: with the authority's behind it. */
  readonly certificate: string;
  readonly key: string;
}

interface Issue {
  readonly subject: string;
  readonly issuer: string;
  readonly publicKey: KeyObject;
  readonly signer: KeyObject;
  readonly extensions: readonly Der[];
  readonly now: number;
}

function issue({ subject, issuer, publicKey, signer, extensions, now }: Issue): string {
  const algorithm = sequence(oid(OID.ecdsaWithSha256));
  const name = (text: string): Der => sequence(setOf(sequence(oid(OID.commonName), utf8(text))));
  const certificate = sequence(
    constructed(0, smallInteger(VERSION_3)),
    integer(randomBytes(SERIAL_BYTES)),
    algorithm,
    name(issuer),
    sequence(time(new Date(now - BACKDATED_MS)), time(new Date(now + VALID_DAYS * DAY_MS))),
    name(subject),
    publicKey.export({ type: "spki", format: "der" }),
    constructed(3, sequence(...extensions)),
  );
  const whole = sequence(certificate, algorithm, bits(sign("sha256", certificate, signer)));
  const lines = whole.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE-----\n${lines.join("\n")}\n-----END CERTIFICATE-----\n`;
}

const extension = (type: string, content: Der, critical = false): Der =>
  sequence(oid(type), ...(critical ? [truth()] : []), octets(content));

/** `names` are host names and IPv4 addresses; `now` in milliseconds since the epoch. */
export function selfSigned(names: readonly string[], now: number): ServerPair {
  const [host = "localhost"] = names;
  const authority = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const own = generateKeyPairSync("ec", { namedCurve: "prime256v1" });
  const issuer = `${host}-ca@${Math.floor(now / 1000)}`;
  const alternatives = names.flatMap((name) => {
    if (isIP(name) === 6) return [];
    return isIP(name) === 4
      ? [implicit(IP_ADDRESS, Buffer.from(name.split(".").map(Number)))]
      : [implicit(DNS_NAME, Buffer.from(name, "latin1"))];
  });
  const signer = authority.privateKey;
  const certificate = issue({
    subject: `${host}@${Math.floor(now / 1000)}`,
    issuer,
    publicKey: own.publicKey,
    signer,
    extensions: [
      extension(OID.keyUsage, DIGITAL_SIGNATURE, true),
      extension(OID.extendedKeyUsage, sequence(oid(OID.serverAuth))),
      extension(OID.subjectAltName, sequence(...alternatives)),
    ],
    now,
  });
  const above = issue({
    subject: issuer,
    issuer,
    publicKey: authority.publicKey,
    signer,
    extensions: [extension(OID.keyUsage, CERT_SIGN, true), extension(OID.basicConstraints, sequence(truth()), true)],
    now,
  });
  return {
    certificate: certificate + above,
    key: own.privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
  };
}

/** Where kubelet keeps such a pair: `kubelet.crt` and `kubelet.key`; made when there is none. */
export async function ownPair(
  directory: string,
  names: readonly string[],
  now: number,
): Promise<{ readonly certFile: string; readonly keyFile: string }> {
  const certFile = join(directory, "kubelet.crt");
  const keyFile = join(directory, "kubelet.key");
  if (!(await exists(certFile)) || !(await exists(keyFile))) {
    const pair = selfSigned(names, now);
    try {
      await mkdir(dirname(certFile), { recursive: true, mode: 0o755 });
      // The certificate last: it alone tells that both are whole.
      await put(keyFile, pair.key, 0o600);
      await put(certFile, pair.certificate, 0o644);
    } catch (cause) {
      throw new NodeletError("invalid", "The server's certificate cannot be written", {
        where: certFile,
        cause,
        fix: "Correct --cert-dir, or set tlsCertFile and tlsPrivateKeyFile",
      });
    }
  }
  return { certFile, keyFile };
}

async function put(path: string, text: string, mode: number): Promise<void> {
  const scratch = `${path}.new`;
  await writeFile(scratch, text, { mode, flush: true });
  await rename(scratch, path);
}

async function exists(path: string): Promise<boolean> {
  try {
    return (await readFile(path, "utf8")).includes("-----BEGIN");
  } catch (error) {
    if (isErrno(error, "ENOENT")) return false;
    throw error;
  }
}
