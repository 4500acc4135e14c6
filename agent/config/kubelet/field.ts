// What the table of KubeletConfiguration says of a field.

import { isIP } from "node:net";

import { parseDuration } from "../../base/duration.ts";
import { isQuantity } from "../../base/quantity.ts";
import { int, list, map, string, type Shape, type StringRule } from "../../base/shapes.ts";

/** How a flag writes the value of its field, where that does not follow from the field's shape. */
export type FlagForm =
  | "threshold-map" // memory.available<100Mi,...
  | "one-pair" // name=value, the flag repeated for more
  | "header-map" // name:value,...
  | "gates" // Name=true,...
  | "vmodule" // pattern=N,...
  | "taints" // key=value:Effect,...
  | "reserved-memory"; // NODE:memory=1Gi,...

export interface Field {
  readonly shape: Shape;
  readonly help: string;
  /** What stands where nothing is said, as a file would write it; absent: nothing, or what `defaults.ts` finds out. */
  readonly default?: unknown;
  /** The flag that sets it too. */
  readonly flag?: string;
  readonly form?: FlagForm;
  /** A path: what is relative in a file is relative to the file. */
  readonly path?: boolean;
  /** 0 and the empty text are values; of other fields with a default they stand for it, as Kubernetes has it. */
  readonly zero?: "counts";
  /** Nothing here heeds it yet: said in docs/kubelet-configuration.md, and in the log where it is set. */
  readonly without?: "effect";
}

/** A rule that also takes an empty text. */
const optional =
  (rule: StringRule): StringRule =>
  (value) =>
    value === "" ? undefined : rule(value);

export const duration: Shape = string((value) =>
  parseDuration(value) === undefined ? "must be a time such as 20s or 1m30s" : undefined,
);

/** A time that is not negative; `least` in milliseconds. */
export const atLeast = (least: number, words: string): Shape =>
  string((value) => {
    const milliseconds = parseDuration(value);
    if (milliseconds === undefined) return "must be a time such as 20s or 1m30s";
    return milliseconds < least ? `must be ${words}` : undefined;
  });

export const count: Shape = int(0, 2 ** 31 - 1);
export const port: Shape = int(0, 65_535);
export const percent: Shape = int(0, 100);
export const address: Shape = string(
  optional((value) => (isIP(value) === 0 ? "must be an IP address such as 127.0.0.1" : undefined)),
);
export const texts: Shape = list(string());
export const textMap: Shape = map(string());
export const absolute: StringRule = (value) =>
  value === "" || value.startsWith("/") ? undefined : "must be an absolute path";
export const quantityRule: StringRule = (value) =>
  isQuantity(value) ? undefined : "must be a quantity such as 500m, 2 or 1Gi";
