// Which names a device plugin may give a resource: those of extended resources, as core/v1 has them.

/** Longest prefix, a DNS subdomain, and longest name after the slash: of qualified names. */
const PREFIX_MAX = 253;
const NAME_MAX = 63;

const SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const NAME = /^([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]$/;

/** What resource quotas put before a name; it counts when lengths are checked. */
const REQUESTS = "requests.";

/** `example.com/gpu`: of a domain that is not Kubernetes' own. */
export function isExtendedResource(name: string): boolean {
  const [prefix = "", rest, ...more] = name.split("/");
  if (rest === undefined || more.length > 0) return false;
  if (name.includes("kubernetes.io/") || name.startsWith(REQUESTS)) return false;
  if (REQUESTS.length + prefix.length > PREFIX_MAX || rest.length > NAME_MAX) return false;
  return SUBDOMAIN.test(prefix) && NAME.test(rest);
}
