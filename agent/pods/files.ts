// The files of a pod on the node: /etc/hosts, termination messages, log links.

import { constants } from "node:fs";
import {
  chmod,
  mkdir,
  open,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  unlink,
  writeFile,
} from "node:fs/promises";
import { basename, dirname, join } from "node:path";

import { isErrno } from "../base/errors.ts";
import type { System } from "../system/system.ts";
import { namesIn, removeTree } from "../volumes/tree.ts";
import { hostsFile, logLink, podDir, podLogDir, terminationMessageFile } from "./layout.ts";
import type { PodLayout } from "./layout.ts";
import type { DecodedPod } from "./schema/decode.ts";

/** kubelet's limit for one container's termination message. */
const MAX_MESSAGE_BYTES = 4096;
/** And for the part of a log that stands in for one: lines and bytes. */
const MAX_LOG_LINES = 80;
const MAX_LOG_BYTES = 2048;
/** How much of a log's end is read to find those; lines carry a prefix and are split at 16 KiB. */
const LOG_TAIL_BYTES = 64 * 1024;
/** By which tools know that the file is not the image's own: kubelet's. */
const HOSTS_HEAD = "# Kubernetes-managed hosts file";
const MAX_HOSTS_BYTES = 1024 * 1024;

export interface HostsEntry {
  readonly ips: readonly string[];
  readonly hostname: string;
  readonly fqdn: string;
}

/** Writes the file that the containers see as /etc/hosts. */
export async function writeHosts(layout: PodLayout, pod: DecodedPod, entry: HostsEntry): Promise<void> {
  const path = hostsFile(layout, pod.metadata.uid ?? "");
  const text = await hostsText(pod, entry);
  await mkdir(dirname(path), { recursive: true, mode: 0o750 });
  if ((await readFile(path, "utf8").catch(() => undefined)) === text) return;
  // Written in place: containers hold the file itself, not its name.
  await writeFile(path, text, { mode: 0o644 });
  await chmod(path, 0o644);
}

async function hostsText(pod: DecodedPod, { ips, hostname, fqdn }: HostsEntry): Promise<string> {
  let text: string;
  if (pod.spec.hostNetwork === true) {
    const host = await readFile("/etc/hosts", "utf8").catch(() => "127.0.0.1\tlocalhost\n");
    text = `${HOSTS_HEAD} (host network).\n${host.slice(0, MAX_HOSTS_BYTES)}`;
    if (!text.endsWith("\n")) text += "\n";
  } else {
    const names = fqdn === "" ? hostname : `${fqdn}\t${hostname.split(".")[0] ?? ""}`;
    text = [
      `${HOSTS_HEAD}.`,
      "127.0.0.1\tlocalhost",
      "::1\tlocalhost ip6-localhost ip6-loopback",
      "fe00::0\tip6-localnet",
      "fe00::0\tip6-mcastprefix",
      "fe00::1\tip6-allnodes",
      "fe00::2\tip6-allrouters",
      ...ips.map((ip) => `${ip}\t${names}`),
      "",
    ].join("\n");
  }
  const aliases = (pod.spec.hostAliases ?? []).filter((alias) => (alias.hostnames ?? []).length > 0);
  if (aliases.length > 0) {
    text += "\n# spec.hostAliases\n";
    for (const alias of aliases) text += `${alias.ip}\t${(alias.hostnames ?? []).join("\t")}\n`;
  }
  return text;
}

/** An empty file that any user of the container may write. */
export async function makeTerminationMessageFile(
  layout: PodLayout,
  uid: string,
  container: string,
  attempt: number,
): Promise<void> {
  const path = terminationMessageFile(layout, uid, container, attempt);
  await mkdir(dirname(path), { recursive: true, mode: 0o755 });
  await writeFile(path, "", { mode: 0o666 });
  await chmod(path, 0o666);
}

/** What the container left at its terminationMessagePath, or the end of its log if it asks for that. */
export async function readTerminationMessage(
  layout: PodLayout,
  uid: string,
  container: { readonly name: string; readonly attempt: number; readonly exitCode: number; readonly logPath: string },
  policy: string,
): Promise<string> {
  const path = terminationMessageFile(layout, uid, container.name, container.attempt);
  const message = await readEnd(path, MAX_MESSAGE_BYTES, "start");
  if (message !== "" || policy !== "FallbackToLogsOnError" || container.exitCode === 0) return message;
  const tail = await readEnd(container.logPath, LOG_TAIL_BYTES, "end");
  return logTail(tail);
}

/** The contents of the last lines of a CRI log. */
export function logTail(text: string): string {
  const lines = text.split("\n").filter((line) => line !== "");
  const contents = lines.slice(-MAX_LOG_LINES).map((line) => {
    const match = /^\S+ (?:stdout|stderr) ([FP])\S* (.*)$/s.exec(line);
    return match === null ? "" : `${match[2]}${match[1] === "F" ? "\n" : ""}`;
  });
  return contents.join("").slice(-MAX_LOG_BYTES).trimEnd();
}

/** Part of a file that a container may have written: a regular file only, links not followed. Missing is empty. */
async function readEnd(path: string, bytes: number, end: "start" | "end"): Promise<string> {
  if (path === "") return "";
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const info = await file.stat();
    if (!info.isFile()) return "";
    const length = Math.min(info.size, bytes);
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await file.read(buffer, 0, length, end === "start" ? 0 : info.size - length);
    return buffer.toString("utf8", 0, bytesRead);
  } catch (error) {
    if (isErrno(error, "ENOENT", "ELOOP", "ENXIO")) return "";
    throw error;
  }
}

/** The link under which other tools find a container's log. */
export async function linkLog(
  layout: PodLayout,
  pod: DecodedPod,
  container: string,
  containerId: string,
  logPath: string,
): Promise<void> {
  if (logPath === "") return;
  const link = logLink(layout, pod, container, containerId);
  await mkdir(layout.containerLogsDir, { recursive: true, mode: 0o755 });
  try {
    await symlink(logPath, link);
  } catch (error) {
    if (!isErrno(error, "EEXIST")) throw error;
    if ((await readlink(link).catch(() => "")) === logPath) return;
    const temporary = `${link}.new`;
    await rm(temporary, { force: true });
    await symlink(logPath, temporary);
    await rename(temporary, link);
  }
}

/** What belongs to one instance: the link, the log and what rotation made of it, the termination message. Missing is success. */
export async function removeContainerFiles(
  layout: PodLayout,
  pod: DecodedPod,
  container: { readonly id: string; readonly name: string; readonly attempt: number; readonly logPath: string },
): Promise<void> {
  const { id, name, attempt, logPath } = container;
  await rm(terminationMessageFile(layout, pod.metadata.uid ?? "", name, attempt), { force: true });
  await rm(logLink(layout, pod, name, id), { force: true });
  if (logPath === "" || !logPath.startsWith(`${layout.podLogsDir}/`)) return;
  const directory = dirname(logPath);
  const log = basename(logPath);
  for (const entry of await namesIn(directory)) {
    if (entry === log || entry.startsWith(`${log}.`)) await unlinkIfThere(join(directory, entry));
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isErrno(error, "ENOENT")) throw error;
  }
}

/** The highest attempt that has a log; after a reboot the runtime may not know the container any more. -1: none. */
export async function newestLog(layout: PodLayout, pod: DecodedPod, container: string): Promise<number> {
  let newest = -1;
  for (const name of await namesIn(join(podLogDir(layout, pod), container))) {
    const match = /^(\d{1,9})\.log/.exec(name);
    if (match !== null) newest = Math.max(newest, Number(match[1]));
  }
  return newest;
}

/** All links to logs of the pod's containers. */
export async function removeLogLinks(layout: PodLayout, pod: DecodedPod): Promise<void> {
  const target = `${podLogDir(layout, pod)}/`;
  const head = `${pod.metadata.name}_${pod.metadata.namespace}_`;
  let names: string[];
  try {
    names = await readdir(layout.containerLogsDir);
  } catch (error) {
    if (isErrno(error, "ENOENT")) return;
    throw error;
  }
  for (const name of names) {
    if (!name.startsWith(head)) continue;
    const link = join(layout.containerLogsDir, name);
    const where = await readlink(link).catch(() => "");
    if (where.startsWith(target)) await unlinkIfThere(link);
  }
}

/** The pod's own directory, once its volumes are down. Refuses to cross a mount. Missing is success. */
export async function removePodDir(system: System, layout: PodLayout, uid: string): Promise<void> {
  const directory = podDir(layout, uid);
  await removeTree(system, dirname(directory), basename(directory));
}

export async function removePodLogs(system: System, layout: PodLayout, pod: DecodedPod): Promise<void> {
  await removeLogLinks(layout, pod);
  const directory = podLogDir(layout, pod);
  await removeTree(system, dirname(directory), basename(directory));
}
