// Rules for names and other strings of core/v1, as the API server has them. Each says how the string breaks it.

import { isIP } from "node:net";

import type { StringRule } from "../../base/shapes.ts";

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const SYSCTL = /^([a-z0-9]([-_a-z0-9]*[a-z0-9])?[./])*[a-z0-9]([-_a-z0-9]*[a-z0-9])?$/;

export const dnsLabel: StringRule = (value) =>
  value.length <= 63 && LABEL.test(value)
    ? undefined
    : "must be at most 63 lower-case letters, digits and '-', beginning and ending with a letter or digit (RFC 1123 label)";

export const dnsSubdomain: StringRule = (value) =>
  value.length <= 253 && SUBDOMAIN.test(value)
    ? undefined
    : "must be at most 253 lower-case letters, digits, '-' and '.', each part beginning and ending with a letter or digit (RFC 1123 subdomain)";

/** Name or IP address of a DNS search path; a trailing dot is allowed. */
export const searchDomain: StringRule = (value) => (value === "." ? undefined : dnsSubdomain(value.replace(/\.$/, "")));

/** A key of a label or annotation: an optional prefix that is a subdomain, and a name. */
export const qualifiedName: StringRule = (value) => {
  const parts = value.split("/");
  const name = parts.at(-1) ?? "";
  const prefix = parts.length > 1 ? parts[0] : undefined;
  const good =
    parts.length <= 2 &&
    name.length <= 63 &&
    QUALIFIED.test(name) &&
    (prefix === undefined || dnsSubdomain(prefix.toLowerCase()) === undefined);
  return good
    ? undefined
    : "must be a name of at most 63 letters, digits, '-', '_' and '.', after an optional DNS prefix and '/'";
};

export const labelValue: StringRule = (value) =>
  value === "" || (value.length <= 63 && QUALIFIED.test(value))
    ? undefined
    : "must be at most 63 letters, digits, '-', '_' and '.', beginning and ending with a letter or digit";

export const envName: StringRule = (value) =>
  value !== "" && /^[ -<>-~]+$/.test(value) ? undefined : "must be printable ASCII without '='";

/** Name of a port: IANA service name. */
export const portName: StringRule = (value) =>
  value.length <= 15 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(value) && /[a-z]/.test(value) && !value.includes("--")
    ? undefined
    : "must be at most 15 lower-case letters, digits and single '-', with at least one letter (IANA service name)";

export const ipAddress: StringRule = (value) => (isIP(value) === 0 ? "must be an IP address" : undefined);

export const notEmpty: StringRule = (value) => (value === "" ? "must not be empty" : undefined);

export const image: StringRule = (value) => {
  if (value === "") return "must not be empty";
  if (value !== value.trim()) return "must not begin or end with a space";
  return undefined;
};

export const absolutePath: StringRule = (value) => (value.startsWith("/") ? undefined : "must be an absolute path");

/** Inside the container; ':' separates mounts in other tools and is refused by the API server. */
export const mountPath: StringRule = (value) => {
  if (value === "") return "must not be empty";
  return value.includes(":") ? "must not contain ':'" : undefined;
};

/** Of a file in a volume that the node writes: relative, without a way out, and not in place of the node's own names. */
export const payloadPath: StringRule = (value) => {
  if (value === "") return "must not be empty";
  if (value.startsWith("/")) return "must be a relative path";
  if (value.split("/").includes("..")) return "must not contain '..'";
  return value.startsWith("..") ? "must not start with '..'" : undefined;
};

/** Of a part of a volume. */
export const partPath: StringRule = (value) => {
  if (value.startsWith("/")) return "must be a relative path";
  return value.split("/").includes("..") ? "must not contain '..'" : undefined;
};

export const emptyDirMedium: StringRule = (value) => {
  if (value === "" || value === "Memory") return undefined;
  return value.startsWith("HugePages")
    ? "is not supported yet: use Memory, or leave it out for a directory on disk"
    : "must be Memory, or absent for a directory on disk";
};

/** On the host: absolute and without a way upwards. */
export const hostPath: StringRule = (value) =>
  absolutePath(value) ?? (value.split("/").includes("..") ? "must not contain '..'" : undefined);

export const sysctlName: StringRule = (value) =>
  value.length <= 253 && SYSCTL.test(value) ? undefined : "must be the name of a sysctl, such as net.ipv4.ip_forward";

export const capability: StringRule = (value) =>
  /^[A-Za-z][A-Za-z0-9_]*$/.test(value) ? undefined : "must be the name of a capability, such as NET_ADMIN, or ALL";

export const uidName: StringRule = (value) =>
  /^[A-Za-z0-9][-A-Za-z0-9]{0,62}$/.test(value) ? undefined : "must be at most 63 letters, digits and '-'";

/** Name of an HTTP header: a token of RFC 9110. */
export const headerName: StringRule = (value) =>
  /^[-A-Za-z0-9!#$%&'*+.^_`|~]+$/.test(value) ? undefined : "must be the name of an HTTP header";

export const headerValue: StringRule = (value) => (/[\r\n]/.test(value) ? "must not have line breaks" : undefined);

/** The kernel takes host names of at most 64 bytes. */
export const hostnameOverride: StringRule = (value) =>
  value.length > 64 ? "must be at most 64 characters" : dnsSubdomain(value);
