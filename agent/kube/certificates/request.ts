// A certificate signing request: PKCS #10 (RFC 2986), with subject alternative names (RFC 5280, section 4.2.1.6).

import { createPublicKey, type KeyObject, sign } from "node:crypto";
import { isIP } from "node:net";

import { NodeletError } from "../../base/errors.ts";
import {
  bits,
  constructed,
  type Der,
  implicit,
  nothing,
  octets,
  oid,
  sequence,
  setOf,
  smallInteger,
  utf8,
} from "./der.ts";

const OID = {
  commonName: "2.5.4.3",
  organization: "2.5.4.10",
  extensionRequest: "1.2.840.113549.1.9.14",
  subjectAltName: "2.5.29.17",
  ecdsaWithSha256: "1.2.840.10045.4.3.2",
  rsaWithSha256: "1.2.840.113549.1.1.11",
} as const;

/** Of GeneralName. */
const DNS_NAME = 2;
const IP_ADDRESS = 7;
const VERSION_1 = 0;

export interface RequestContent {
  readonly commonName: string;
  readonly organizations: readonly string[];
  readonly dnsNames?: readonly string[] | undefined;
  readonly ipAddresses?: readonly string[] | undefined;
}

/** PEM. The key is EC or RSA, private. */
export function certificateRequest(key: KeyObject, content: RequestContent): string {
  const names = [
    ...(content.dnsNames ?? []).map((name) => implicit(DNS_NAME, Buffer.from(name, "latin1"))),
    ...(content.ipAddresses ?? []).map((address) => implicit(IP_ADDRESS, addressBytes(address))),
  ];
  const info = sequence(
    smallInteger(VERSION_1),
    subject(content),
    createPublicKey(key).export({ type: "spki", format: "der" }),
    constructed(0, ...(names.length === 0 ? [] : [alternativeNames(names)])),
  );
  const request = sequence(info, signatureAlgorithm(key), bits(sign("sha256", info, key)));
  const lines = request.toString("base64").match(/.{1,64}/g) ?? [];
  return `-----BEGIN CERTIFICATE REQUEST-----\n${lines.join("\n")}\n-----END CERTIFICATE REQUEST-----\n`;
}

function subject({ commonName, organizations }: RequestContent): Der {
  const part = (type: string, text: string): Der => sequence(oid(type), utf8(text));
  const groups = organizations.map((name) => part(OID.organization, name));
  return sequence(...(groups.length === 0 ? [] : [setOf(...groups)]), setOf(part(OID.commonName, commonName)));
}

function alternativeNames(names: readonly Der[]): Der {
  const extension = sequence(oid(OID.subjectAltName), octets(sequence(...names)));
  return sequence(oid(OID.extensionRequest), setOf(sequence(extension)));
}

function signatureAlgorithm({ asymmetricKeyType }: KeyObject): Der {
  if (asymmetricKeyType === "ec") return sequence(oid(OID.ecdsaWithSha256));
  if (asymmetricKeyType === "rsa") return sequence(oid(OID.rsaWithSha256), nothing());
  throw new NodeletError("unsupported", `No certificate can be requested for a key of type ${asymmetricKeyType}`, {
    fix: "Use an EC or RSA key",
  });
}

/** Four or sixteen bytes. */
function addressBytes(address: string): Buffer {
  if (isIP(address) === 4) return Buffer.from(address.split(".").map(Number));
  const canonical = URL.parse(`http://[${address}]/`)?.hostname.slice(1, -1);
  if (canonical === undefined) throw new NodeletError("invalid", `${address} is no IP address`);
  const [head = "", tail] = canonical.split("::");
  const groups = (text: string): string[] => (text === "" ? [] : text.split(":"));
  const before = groups(head);
  const after = tail === undefined ? [] : groups(tail);
  const zeros = Array.from({ length: 8 - before.length - after.length }, () => "0");
  const bytes = Buffer.alloc(16);
  for (const [index, group] of [...before, ...zeros, ...after].entries())
    bytes.writeUInt16BE(Number.parseInt(group, 16), index * 2);
  return bytes;
}
