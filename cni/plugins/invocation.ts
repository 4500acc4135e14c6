// What a plugin is called with: environment and standard input. SPEC.md, sections 2 and 3; field by field as libcni does it. Pure.
import { delimiter } from "node:path";
import type { JsonObject, PluginConfig } from "./config.ts";

export type Command = "ADD" | "DEL" | "CHECK" | "STATUS" | "GC" | "VERSION";

/** One container's place in one network. */
export interface Attachment {
  readonly containerId: string;
  /** Empty when there is none any more. */
  readonly netns: string;
  readonly ifName: string;
  /** CNI_ARGS, in order. */
  readonly args: readonly (readonly [string, string])[];
  /** For `runtimeConfig`: each plugin gets those that it has the capability for. */
  readonly capabilityArgs: JsonObject;
}

/** Names a container in GC; as libcni writes it. */
export interface ValidAttachment {
  readonly containerID: string;
  readonly ifname: string;
}

/** Plugins call other programs (iptables, tc, their IPAM plugin), and get nothing of the daemon's own environment. */
const PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export function environment(
  command: Command,
  attachment: Attachment | undefined,
  pluginDirs: readonly string[],
): Record<string, string> {
  return {
    PATH,
    CNI_COMMAND: command,
    CNI_CONTAINERID: attachment?.containerId ?? "",
    CNI_NETNS: attachment?.netns ?? "",
    CNI_IFNAME: attachment?.ifName ?? "",
    CNI_ARGS: (attachment?.args ?? []).map(([key, value]) => `${key}=${value}`).join(";"),
    CNI_PATH: pluginDirs.join(delimiter),
  };
}

/** The plugin's object with the network's name and version, for STATUS. */
export function statusInput(network: NetworkIdentity, plugin: PluginConfig): JsonObject {
  return { ...plugin.raw, name: network.name, cniVersion: network.version };
}

/** For GC, with the attachments that are to stay; the second key is what earlier versions of the text called it. */
export function gcInput(network: NetworkIdentity, plugin: PluginConfig, valid: readonly ValidAttachment[]): JsonObject {
  return { ...statusInput(network, plugin), "cni.dev/valid-attachments": valid, "cni.dev/attachments": valid };
}

/** For ADD, CHECK and DEL. */
export function attachmentInput(
  network: NetworkIdentity,
  plugin: PluginConfig,
  attachment: Attachment,
  prevResult: JsonObject | undefined,
): JsonObject {
  const runtimeConfig = Object.fromEntries(
    plugin.capabilities
      .filter((name) => Object.hasOwn(attachment.capabilityArgs, name))
      .map((name) => [name, attachment.capabilityArgs[name]]),
  );
  return {
    ...statusInput(network, plugin),
    ...(prevResult === undefined ? {} : { prevResult }),
    ...(Object.keys(runtimeConfig).length === 0 ? {} : { runtimeConfig }),
  };
}

export interface NetworkIdentity {
  readonly name: string;
  readonly version: string;
}
