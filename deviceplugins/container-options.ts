// What a container gets for its devices: the plugins' answers, put together. Pure.

import { messages } from "../proto/deviceplugins/deviceplugin.gen.js";
import { decodeMessage, prepare } from "../proto/wire.ts";
import type { ContainerAllocateResponse, DeviceSpec, Mount } from "./deviceplugin.gen.ts";

export interface ContainerDeviceOptions {
  readonly env: ReadonlyMap<string, string>;
  readonly mounts: readonly Mount[];
  readonly devices: readonly DeviceSpec[];
  readonly annotations: ReadonlyMap<string, string>;
  /** `vendor.com/class=name`. */
  readonly cdiDevices: readonly string[];
}

/** Of each name, path or CDI device the first counts. */
export function containerOptions(responses: readonly Uint8Array[]): ContainerDeviceOptions {
  prepare(messages);
  const decoded = responses.map(
    (bytes) => decodeMessage(messages.ContainerAllocateResponse, bytes) as ContainerAllocateResponse,
  );
  return {
    env: firstOf(decoded.flatMap(({ envs = {} }) => Object.entries(envs))),
    mounts: [...byPath(decoded.flatMap(({ mounts = [] }) => mounts)).values()],
    devices: [...byPath(decoded.flatMap(({ devices = [] }) => devices)).values()],
    annotations: firstOf(decoded.flatMap(({ annotations = {} }) => Object.entries(annotations))),
    cdiDevices: [...new Set(decoded.flatMap(({ cdiDevices = [] }) => cdiDevices.map(({ name = "" }) => name)))],
  };
}

function firstOf<T>(entries: readonly (readonly [string, T])[]): ReadonlyMap<string, T> {
  return new Map(entries.toReversed());
}

function byPath<T extends { containerPath?: string | undefined }>(items: readonly T[]): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const item of items) if (!found.has(item.containerPath ?? "")) found.set(item.containerPath ?? "", item);
  return found;
}
