/**
 * Names of images: `[domain/]path[:tag][@digest]`, as the distribution project's reference grammar has it and as Docker
 * completes short names. Everything here is pure.
 *
 *     busybox                  docker.io/library/busybox:latest
 *     team/web:2               docker.io/team/web:2
 *     localhost:5000/web       localhost:5000/web:latest
 *     ghcr.io/a/b@sha256:...   as it is, without a tag
 */
import { NodeletError } from "../base/errors.ts";

export interface Reference {
  /** Host, with a port if it has one: `docker.io`, `localhost:5000`, `[::1]:5000`. */
  readonly domain: string;
  /** `library/busybox`. */
  readonly path: string;
  readonly tag: string | undefined;
  /** `sha256:` and 64 hex digits. */
  readonly digest: string | undefined;
}

/** The registry of names that have no domain, and where its official images are. */
const DEFAULT_DOMAIN = "docker.io";
const LEGACY_DEFAULT_DOMAIN = "index.docker.io";
const OFFICIAL_PREFIX = "library/";
const DEFAULT_TAG = "latest";

/** The distribution specification's bound on domain and path together. */
const MAX_NAME_LENGTH = 255;
const MAX_TAG_LENGTH = 128;
/** Nothing longer can be a reference: name, tag, the longest digest and the separators. */
const MAX_REFERENCE_LENGTH = MAX_NAME_LENGTH + 1 + MAX_TAG_LENGTH + 1 + 7 + 128;

const PATH_COMPONENT = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const TAG = /^[A-Za-z0-9_][A-Za-z0-9._-]*$/;
const DOMAIN_LABEL = /^(?:[A-Za-z0-9]|[A-Za-z0-9][A-Za-z0-9-]*[A-Za-z0-9])$/;
const IPV6 = /^\[[0-9A-Fa-f:.]{2,45}\]$/;
const HEX = /^[0-9a-f]+$/;

/** Digest algorithms of the image specification, and how many hex digits each has. */
const DIGEST_HEX_LENGTH: Readonly<Record<string, number>> = { sha256: 64, sha512: 128 };

/** Undefined when the digest is well formed, else what is wrong with it. */
export function digestProblem(digest: string): string | undefined {
  const colon = digest.indexOf(":");
  if (colon <= 0) return "a digest is ALGORITHM:HEX, such as sha256:...";
  const algorithm = digest.slice(0, colon);
  const length = Object.hasOwn(DIGEST_HEX_LENGTH, algorithm) ? DIGEST_HEX_LENGTH[algorithm] : undefined;
  if (length === undefined) return `the digest algorithm ${quote(algorithm)} is not known: it must be sha256 or sha512`;
  const hex = digest.slice(colon + 1);
  if (hex.length !== length || !HEX.test(hex)) return `a ${algorithm} digest has ${length} lower-case hex digits`;
  return undefined;
}

export function isDigest(value: unknown): value is string {
  return typeof value === "string" && digestProblem(value) === undefined;
}

/**
 * Parses a reference and completes its domain and path. The tag stays undefined when none is given: see `withDefaultTag`.
 * Throws `invalid` saying what is wrong.
 */
export function parseReference(text: string): Reference {
  const fail = (why: string): never => {
    throw new NodeletError("invalid", `Cannot use ${quote(text)} as an image name: ${why}`, {
      fix: "Write it as [REGISTRY/]NAME[:TAG][@DIGEST], such as registry.example/team/web:1.2",
    });
  };
  if (text === "") return fail("it is empty");
  if (text.length > MAX_REFERENCE_LENGTH) return fail(`it has more than ${MAX_REFERENCE_LENGTH} characters`);

  let rest = text;
  let digest: string | undefined;
  const at = rest.indexOf("@");
  if (at >= 0) {
    digest = rest.slice(at + 1);
    rest = rest.slice(0, at);
    const problem = digestProblem(digest);
    if (problem !== undefined) return fail(problem);
  }

  let tag: string | undefined;
  const colon = rest.lastIndexOf(":");
  if (colon > rest.lastIndexOf("/") && !rest.endsWith("]")) {
    tag = rest.slice(colon + 1);
    rest = rest.slice(0, colon);
    if (tag === "") return fail("nothing follows the colon of the tag");
    if (tag.length > MAX_TAG_LENGTH) return fail(`its tag has more than ${MAX_TAG_LENGTH} characters`);
    if (!TAG.test(tag)) return fail(`the tag ${quote(tag)} may only have letters, digits, "_", "." and "-"`);
  }
  if (rest === "") return fail("it has no name");

  let domain = DEFAULT_DOMAIN;
  let path = rest;
  const slash = rest.indexOf("/");
  if (slash >= 0) {
    const first = rest.slice(0, slash);
    // Docker's rule: the first part is a host when it could not be a path component or is localhost.
    if (first === "localhost" || /[.:[\]]/.test(first) || first !== first.toLowerCase()) {
      domain = first;
      path = rest.slice(slash + 1);
      const problem = domainProblem(domain);
      if (problem !== undefined) return fail(problem);
    }
  }
  if (domain === LEGACY_DEFAULT_DOMAIN) domain = DEFAULT_DOMAIN;
  if (domain === DEFAULT_DOMAIN && path !== "" && !path.includes("/")) path = OFFICIAL_PREFIX + path;

  for (const component of path.split("/")) {
    if (component === "") return fail("it has an empty part between slashes");
    if (!PATH_COMPONENT.test(component)) {
      if (component !== component.toLowerCase()) return fail(`${quote(component)} must be in lower case`);
      return fail(
        `${quote(component)} must be lower-case letters and digits, with single ".", "_", "__" or dashes between them`,
      );
    }
  }
  if (domain.length + 1 + path.length > MAX_NAME_LENGTH) {
    return fail(`registry and name together have more than ${MAX_NAME_LENGTH} characters`);
  }
  return { domain, path, tag, digest };
}

function domainProblem(domain: string): string | undefined {
  let host = domain;
  const colon = domain.lastIndexOf(":");
  if (colon > domain.lastIndexOf("]")) {
    host = domain.slice(0, colon);
    const port = domain.slice(colon + 1);
    if (!/^[0-9]{1,5}$/.test(port) || Number(port) > 65535) return `${quote(port)} is not a port number`;
  }
  if (host.startsWith("[")) return IPV6.test(host) ? undefined : `${quote(host)} is not an IPv6 address in brackets`;
  for (const label of host.split(".")) {
    if (!DOMAIN_LABEL.test(label)) return `${quote(host)} is not a host name`;
  }
  return undefined;
}

/** The name without tag and digest: `docker.io/library/busybox`. */
export function repositoryOf(reference: Reference): string {
  return `${reference.domain}/${reference.path}`;
}

/** The whole reference as text, as records keep it. */
export function formatReference(reference: Reference): string {
  const tag = reference.tag === undefined ? "" : `:${reference.tag}`;
  const digest = reference.digest === undefined ? "" : `@${reference.digest}`;
  return repositoryOf(reference) + tag + digest;
}

/** A reference with neither tag nor digest means `:latest`. */
export function withDefaultTag(reference: Reference): Reference {
  if (reference.tag !== undefined || reference.digest !== undefined) return reference;
  return { ...reference, tag: DEFAULT_TAG };
}

/** The name that an image gets: completed, with a tag. A digest cannot be a name. */
export function parseTag(text: string): string {
  const reference = parseReference(text);
  if (reference.digest !== undefined) {
    throw new NodeletError("invalid", `Cannot name an image ${quote(text)}: a name has no digest`, {
      fix: "Give NAME[:TAG]",
    });
  }
  return formatReference(withDefaultTag(reference));
}

/** `sha256:` is optional and the digits may be a prefix: whether `text` can mean an image id. */
export function idPrefix(text: string): string | undefined {
  const hex = text.startsWith("sha256:") ? text.slice("sha256:".length) : text;
  return hex.length >= MIN_ID_PREFIX && hex.length <= 64 && HEX.test(hex) ? hex : undefined;
}

/** Fewer digits of an id are not taken for one: a name could be meant. */
const MIN_ID_PREFIX = 8;

/** For messages: quoted, control characters escaped, bounded. */
export function quote(text: string): string {
  const bounded = text.length > 120 ? `${text.slice(0, 120)}...` : text;
  return JSON.stringify(bounded);
}
