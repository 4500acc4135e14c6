// Sysctls that a pod may set: those that belong to a namespace of the pod's own (security: no other name is written, ever).

import { NodeletError } from "../../base/errors.ts";

/** Longest value that any of them takes is far below; a bound keeps one write one write. */
const MAX_VALUE_BYTES = 4096;
/** Segments of letters, digits, `_` and `-`; an interface name may hold dots in the slash form. */
const SEGMENT = /^[A-Za-z0-9][A-Za-z0-9_.:@-]*$/;

/** Which namespace a sysctl belongs to, or undefined when it is the host's. */
function namespaceOf(path: readonly string[]): "ipc" | "network" | "uts" | undefined {
  const [top = "", second = ""] = path;
  if (top === "net" && path.length > 2) return "network";
  if (top === "fs" && second === "mqueue" && path.length === 3) return "ipc";
  if (
    top === "kernel" &&
    path.length === 2 &&
    (second === "sem" || second.startsWith("shm") || second.startsWith("msg"))
  )
    return "ipc";
  if (top === "kernel" && path.length === 2 && second === "domainname") return "uts";
  return undefined;
}

export interface Sysctl {
  /** As it was given. */
  readonly name: string;
  /** Below /proc/sys, such as `net/ipv4/ip_forward`. */
  readonly path: string;
  readonly value: string;
  readonly namespace: "ipc" | "network" | "uts";
}

/**
 * `net.ipv4.conf.eth0.forwarding` and `net/ipv4/conf/eth0.100/forwarding`: the first separator tells which of the two is meant;
 * the other sign is then part of a name (sysctl(8)). Throws `invalid` for what no pod may set.
 */
export function parseSysctl(name: string, value: string, where: string): Sysctl {
  const separator = /[./]/.exec(name)?.[0] ?? ".";
  const segments = separator === "/" ? name.split("/") : name.split(".").map((segment) => segment.replaceAll("/", "."));
  const namespace = segments.every((segment) => SEGMENT.test(segment)) ? namespaceOf(segments) : undefined;
  if (namespace === undefined || name.length > 255) {
    throw new NodeletError(
      "invalid",
      `${JSON.stringify(name.slice(0, 100))} is not a sysctl that a pod can have for itself`,
      {
        where,
        fix: "use kernel.shm*, kernel.msg*, kernel.sem, fs.mqueue.* or net.*; set others on the node",
      },
    );
  }
  if (/[^\t\x20-\x7e]/.test(value) || value.length > MAX_VALUE_BYTES) {
    throw new NodeletError("invalid", `the value of sysctl ${name} is not one line of printable text`, { where });
  }
  return { name, path: segments.join("/"), value, namespace };
}
