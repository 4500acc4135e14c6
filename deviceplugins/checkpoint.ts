// What is kept over restarts: the file that kubelet keeps beside its socket, in its format, so that either takes up what the other left.
//
//     {"Data":{"PodDeviceEntries":[{"PodUID","ContainerName","ResourceName","DeviceIDs":{"-1":["id"]},"AllocResp":"base64"}],
//      "RegisteredDevices":{"example.com/gpu":["id"]}},"Checksum":4129648001}
//
// Source: kubernetes, pkg/kubelet/cm/devicemanager/checkpoint and pkg/kubelet/checkpointmanager/checksum.

import { constants } from "node:fs";
import { open, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";

import { isErrno, NodeletError } from "../agent/base/errors.ts";
import type { Allocation } from "./allocations.ts";

export const CHECKPOINT = "kubelet_internal_checkpoint";

export interface Checkpoint {
  readonly allocations: readonly Allocation[];
  /** Ids of healthy devices by resource. */
  readonly registered: ReadonlyMap<string, readonly string[]>;
}

interface Entry {
  readonly PodUID: string;
  readonly ContainerName: string;
  readonly ResourceName: string;
  readonly DeviceIDs: Readonly<Record<string, readonly string[] | null>> | null;
  readonly AllocResp: string | null;
}

interface Data {
  readonly PodDeviceEntries: readonly Entry[] | null;
  readonly RegisteredDevices: Readonly<Record<string, readonly string[] | null>> | null;
}

export function encodeCheckpoint({ allocations, registered }: Checkpoint): string {
  const data: Data = {
    PodDeviceEntries: allocations.map(({ podUid, container, resource, devices, response }) => ({
      PodUID: podUid,
      ContainerName: container,
      ResourceName: resource,
      DeviceIDs: Object.fromEntries([...devices].map(([node, ids]) => [String(node), ids])),
      AllocResp: Buffer.from(response).toString("base64"),
    })),
    RegisteredDevices: Object.fromEntries(registered),
  };
  return JSON.stringify({ Data: data, Checksum: checksum(data) });
}

/** Throws `invalid` for what is no such file, or was changed by another hand. */
export function decodeCheckpoint(text: string): Checkpoint {
  const wrong = (message: string, cause?: unknown): NodeletError =>
    new NodeletError("invalid", message, { cause, fix: "Remove it once no pod with devices runs" });
  let file: { Data?: Data; Checksum?: unknown };
  try {
    file = JSON.parse(text) as typeof file;
  } catch (error) {
    throw wrong("the file of allocated devices is no JSON", error);
  }
  const { Data: data, Checksum: sum } = file;
  if (data === undefined) throw wrong("the file of allocated devices has no Data");
  const entries = data.PodDeviceEntries ?? [];
  let expected: number;
  try {
    expected = checksum(data);
  } catch (error) {
    throw wrong("the file of allocated devices is not of the form that it should have", error);
  }
  if (expected !== sum) throw wrong(`the file of allocated devices has a wrong checksum: it should be ${expected}`);
  return {
    allocations: entries.map((entry) => ({
      podUid: entry.PodUID,
      container: entry.ContainerName,
      resource: entry.ResourceName,
      devices: new Map(Object.entries(entry.DeviceIDs ?? {}).map(([node, ids]) => [Number(node), ids ?? []])),
      response: Buffer.from(entry.AllocResp ?? "", "base64"),
    })),
    registered: new Map(Object.entries(data.RegisteredDevices ?? {}).map(([name, ids]) => [name, ids ?? []])),
  };
}

/** Undefined: there is none. Plugins may write in its directory: links are not followed, and nothing but a file is read. */
export async function readCheckpoint(path: string): Promise<Checkpoint | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (!(await file.stat()).isFile()) throw new NodeletError("invalid", "it is no regular file", { where: path });
    return decodeCheckpoint(await file.readFile("utf8"));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return undefined;
    throw error;
  }
}

/** All at once: whoever reads sees the one before or this one. On the disk when it resolves. */
export async function writeCheckpoint(path: string, checkpoint: Checkpoint): Promise<void> {
  const text = encodeCheckpoint(checkpoint);
  const temporary = `${path}.new`;
  await rm(temporary, { force: true });
  // Never through a link that somebody put there.
  await writeFile(temporary, text, { mode: 0o600, flag: "wx", flush: true });
  await rename(temporary, path);
  await using directory = await open(dirname(path), constants.O_RDONLY | constants.O_DIRECTORY);
  await directory.sync();
}

const FNV_OFFSET = 2_166_136_261;
const FNV_PRIME = 16_777_619;

/** FNV-1a of 32 bits over the data as go-spew shows it with `%#v`. */
function checksum(data: Data): number {
  let hash = FNV_OFFSET;
  for (const byte of Buffer.from(shown(data))) hash = Math.imul(hash ^ byte, FNV_PRIME);
  return hash >>> 0;
}

function shown({ PodDeviceEntries: entries, RegisteredDevices: registered }: Data): string {
  const ids = (list: readonly string[] | null): string => (list === null ? "<nil>" : `[${list.join(" ")}]`);
  const map = (value: Data["RegisteredDevices"], order: (a: string, b: string) => number): string =>
    value === null
      ? "<nil>"
      : `map[${Object.keys(value)
          .toSorted(order)
          .map((key) => `${key}:${ids(value[key] ?? null)}`)
          .join(" ")}]`;
  const entry = (item: Entry): string => {
    const nodes = map(item.DeviceIDs, (a, b) => Number(a) - Number(b));
    const bytes = item.AllocResp === null ? "<nil>" : `[${Buffer.from(item.AllocResp, "base64").join(" ")}]`;
    return (
      `{PodUID:(string)${item.PodUID} ContainerName:(string)${item.ContainerName} ResourceName:(string)${item.ResourceName}` +
      ` DeviceIDs:(checkpoint.DevicesPerNUMA)${nodes} AllocResp:([]uint8)${bytes}}`
    );
  };
  const list = entries === null ? "<nil>" : `[${entries.map(entry).join(" ")}]`;
  const names = map(registered, (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  return (
    `(checkpoint.checkpointData){PodDeviceEntries:([]checkpoint.PodDevicesEntry)${list}` +
    ` RegisteredDevices:(map[string][]string)${names}}`
  );
}
