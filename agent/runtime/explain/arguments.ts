// The arguments of a plan's step as text for people: flags by their names, registers as r3, modes in octal.

import { OPERATIONS, NO_REG, type ArgumentKind, type OperationName, type Step } from "../plan/operations.ts";
import { CLONE, MOUNT_ATTR, MS, RLIMITS } from "../plan/constants.ts";
import { CAPABILITIES } from "../oci/capabilities.ts";
import { O, RESOLVE } from "../../system/system.ts";
import { signalName } from "./signal-name.ts";

/** More of a text than this is cut: the plan itself has all of it. */
const MAX_TEXT = 160;

type Printer = (value: number) => string;

/** Names of the bits that are set; what has no name is left as a number. */
function flagPrinter(prefix: string, names: Readonly<Record<string, number>>): Printer {
  return (value) => {
    const found: string[] = [];
    let rest = BigInt(value);
    for (const [name, bits] of Object.entries(names)) {
      const mask = BigInt(bits);
      if (mask === 0n || (rest & mask) !== mask) continue;
      found.push(prefix + name);
      rest &= ~mask;
    }
    if (rest !== 0n || found.length === 0) found.push(rest === 0n ? "0" : `0x${rest.toString(16)}`);
    return found.join("|");
  };
}

const octal: Printer = (value) => `0${value.toString(8)}`;
const hex: Printer = (value) => `0x${value.toString(16)}`;
const namespaces = flagPrinter("CLONE_", CLONE);
const propagation = flagPrinter("MS_", MS);
const attributes = flagPrinter("", {
  IDMAP: MOUNT_ATTR.IDMAP,
  RDONLY: 1,
  NOSUID: 2,
  NODEV: 4,
  NOEXEC: 8,
  NOATIME: 16,
  STRICTATIME: 32,
  NODIRATIME: 128,
  NOSYMFOLLOW: MOUNT_ATTR.NOSYMFOLLOW,
});
const openFlags = flagPrinter("O_", O);
const resolve = flagPrinter("RESOLVE_", RESOLVE);
const openTree = flagPrinter("", { OPEN_TREE_CLONE: 1, AT_EMPTY_PATH: 0x1000, AT_RECURSIVE: 0x8000 });
const actor: Printer = (value) => ["host", "joined", "child"][value] ?? String(value);
const boolean: Printer = (value) => (value === 0 ? "no" : "yes");
const limit: Printer = (value) => (value < 0 ? "unlimited" : String(value));
const capabilities: Printer = (value) => {
  const names = CAPABILITIES.filter((_name, number) => ((BigInt(value) >> BigInt(number)) & 1n) === 1n).map((name) =>
    name.slice("CAP_".length),
  );
  return names.length === 0 ? "none" : names.length === CAPABILITIES.length ? "ALL" : names.join(",");
};

/** How to print an int, by operation and argument; others are printed as numbers. */
const PRINTERS: { readonly [N in OperationName]?: Readonly<Record<string, Printer>> } = {
  open: { flags: openFlags, mode: octal, resolve },
  check_node: { format: octal },
  check_fs: { magic: hex },
  refuse_fs: { magic: hex },
  ensure: { kind: (value) => (value === 0 ? "directory" : "file"), mode: octal },
  ensure_like: { mode: octal },
  mknod: { mode: octal },
  write: { flags: openFlags },
  chmod: { mode: octal },
  open_tree: { flags: openTree },
  new_mount: { attributes },
  mount_setattr: { set: attributes, clear: attributes, propagation, recursive: boolean },
  mount: { flags: propagation },
  fork: { who: actor, flags: namespaces },
  setns: { types: namespaces },
  unshare: { flags: namespaces },
  map_ids: { who: actor },
  pin: { who: actor },
  signal: { who: actor },
  wait: { who: actor },
  started: { who: actor },
  give: { who: actor },
  take: { who: actor },
  rlimit: { resource: (value) => RLIMITS[value] ?? String(value), soft: limit, hard: limit },
  bounding: { keep: capabilities },
  capabilities: { effective: capabilities, permitted: capabilities, inheritable: capabilities, ambient: capabilities },
  umask: { mask: octal },
  parent_death_signal: { signal: signalName },
  chdir: { create: boolean },
  io: { tty: boolean, stdout: boolean, stderr: boolean },
};

/** Arguments that say nothing when they have this value. */
const SILENT: { readonly [N in OperationName]?: Readonly<Record<string, number>> } = {
  open: { mode: 0, resolve: 0 },
  write: { flags: 0 },
  mknod: { uid: 0, gid: 0 },
  new_mount: { attributes: 0 },
  mount_setattr: { set: 0, clear: 0, propagation: 0, recursive: 0 },
  fork: { flags: 0 },
  chdir: { create: 0 },
  capabilities: { inheritable: 0, ambient: 0 },
};

/** `out=r4 path="/dev" flags=O_PATH|O_DIRECTORY`. Bytes may be text already, as they are in a plan that was kept. */
export function argumentsText(step: Step): string {
  const values = step.args as Readonly<Record<string, number | string | readonly string[] | Uint8Array>>;
  const parts: string[] = [];
  for (const [name, kind] of Object.entries(OPERATIONS[step.op].args)) {
    const value = values[name];
    if (value === undefined || ((kind === "reg" || kind === "out") && value === NO_REG)) continue;
    if (typeof value === "number" && SILENT[step.op]?.[name] === value) continue;
    parts.push(`${name}=${valueText(value, kind, PRINTERS[step.op]?.[name])}`);
  }
  return parts.join(" ");
}

function valueText(
  value: number | string | readonly string[] | Uint8Array,
  kind: ArgumentKind,
  printer: Printer | undefined,
): string {
  if (typeof value === "number") return kind === "int" ? (printer ?? String)(value) : `r${value}`;
  if (typeof value === "string") return quote(value);
  if (value instanceof Uint8Array) {
    const text = Buffer.from(value).toString("utf8");
    return /^[\t\n\x20-\x7e]*$/.test(text) ? quote(text) : `<${value.length} bytes>`;
  }
  return `[${value.map(quote).join(", ")}]`;
}

function quote(text: string): string {
  return JSON.stringify(text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}...` : text);
}
