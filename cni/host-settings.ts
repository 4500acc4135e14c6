// Sysctls of the host's network that pods need.
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { isErrno, NodeletError } from "../agent/base/errors.ts";

const NET = "/proc/sys/net";

/** Sysctls of this network namespace, as files. */
export function sysctl(name: string, value: string, options: { optional?: boolean } = {}): void {
  const path = `${NET}/${name}`;
  try {
    if (readFileSync(path, "utf8").trim() !== value) writeFileSync(path, value);
  } catch (error) {
    if (options.optional === true && isErrno(error, "ENOENT")) return;
    throw new NodeletError("denied", `Cannot set the sysctl ${name.replaceAll("/", ".")} to ${value}`, {
      where: path,
      fix: "Set it on the host, or run nodelet where /proc/sys can be written.",
      cause: error,
    });
  }
}

function read(name: string): string | undefined {
  try {
    return readFileSync(`${NET}/${name}`, "utf8").trim();
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** A kernel with IPv6 has it on every link unless told otherwise. */
export function hasIpv6(): boolean {
  return existsSync(`${NET}/ipv6`);
}

/** Whether this host uses IPv6: the kernel has it and nobody turned it off. */
export function usesIpv6(): boolean {
  return read("ipv6/conf/all/disable_ipv6") === "0";
}

/**
 * A host that forwards IPv6 no longer takes its own routes from router advertisements, unless its links are told to all the same (accept_ra
 * 2). To be called before forwarding is turned on.
 */
export function acceptRouterAdvertisementsStill(): void {
  if (read("ipv6/conf/all/forwarding") !== "0") return;
  for (const link of readdirSync(`${NET}/ipv6/conf`)) {
    if (link === "all" || link === "default") continue;
    if (read(`ipv6/conf/${link}/accept_ra`) === "1") sysctl(`ipv6/conf/${link}/accept_ra`, "2", { optional: true });
  }
}
