// An OCI seccomp profile (linux.seccomp), checked and turned into what libseccomp takes. Fails closed: anything that is not
// understood is an error, except names of system calls that this machine does not have, which cannot be called either.
//
// As runc does, a profile that denies by default answers system calls newer than any it names with ENOSYS: a C library that tries
// a new one first then falls back to an old one, where EPERM would make it give up.

import { createHash } from "node:crypto";

import { NodeletError } from "../base/errors.ts";
import type { Addon } from "./addon.ts";

/** Numbers of libseccomp's seccomp.h; each is SECCOMP_RET_ of linux/seccomp.h with its data in the low 16 bits. */
const ACTIONS: Readonly<Record<string, number>> = {
  SCMP_ACT_KILL: 0x00000000,
  SCMP_ACT_KILL_THREAD: 0x00000000,
  SCMP_ACT_KILL_PROCESS: 0x80000000,
  SCMP_ACT_TRAP: 0x00030000,
  SCMP_ACT_ERRNO: 0x00050000,
  SCMP_ACT_TRACE: 0x7ff00000,
  SCMP_ACT_LOG: 0x7ffc0000,
  SCMP_ACT_ALLOW: 0x7fff0000,
};

/** The action without its data: signed, as & makes it. */
const ACTION_MASK = 0xffff0000 | 0;
const ACTION_ERRNO = 0x00050000;
const ACTION_ENOSYS = ACTION_ERRNO | 38;

/** Audit numbers of the architectures (linux/audit.h), as libseccomp takes them. */
const ARCHITECTURES: Readonly<Record<string, number>> = {
  SCMP_ARCH_X86: 0x40000003,
  SCMP_ARCH_X86_64: 0xc000003e,
  // Its audit number is that of x86_64; libseccomp tells it by the word size left out.
  SCMP_ARCH_X32: 0x4000003e,
  SCMP_ARCH_ARM: 0x40000028,
  SCMP_ARCH_AARCH64: 0xc00000b7,
  SCMP_ARCH_MIPS: 0x00000008,
  SCMP_ARCH_MIPS64: 0x80000008,
  SCMP_ARCH_MIPS64N32: 0xa0000008,
  SCMP_ARCH_MIPSEL: 0x40000008,
  SCMP_ARCH_MIPSEL64: 0xc0000008,
  SCMP_ARCH_MIPSEL64N32: 0xe0000008,
  SCMP_ARCH_PPC: 0x00000014,
  SCMP_ARCH_PPC64: 0x80000015,
  SCMP_ARCH_PPC64LE: 0xc0000015,
  SCMP_ARCH_S390: 0x00000016,
  SCMP_ARCH_S390X: 0x80000016,
  SCMP_ARCH_PARISC: 0x0000000f,
  SCMP_ARCH_PARISC64: 0x8000000f,
  SCMP_ARCH_RISCV64: 0xc00000f3,
};

/** The architectures whose programs this machine can run, its own first. A filter need not mention others. */
const FAMILY: readonly number[] =
  process.arch === "arm64"
    ? [0xc00000b7, 0x40000028] // aarch64, arm
    : [0xc000003e, 0x40000003, 0x4000003e]; // x86_64, x86, x32
const NATIVE = FAMILY[0] ?? 0;

const X86_64 = 0xc000003e;
const X32 = 0x4000003e;
/** Tells a system call of x32 from one of x86_64: they have one audit number. */
const X32_BIT = 0x40000000;

const OPERATORS: Readonly<Record<string, number>> = {
  SCMP_CMP_NE: 1,
  SCMP_CMP_LT: 2,
  SCMP_CMP_LE: 3,
  SCMP_CMP_EQ: 4,
  SCMP_CMP_GE: 5,
  SCMP_CMP_GT: 6,
  SCMP_CMP_MASKED_EQ: 7,
};

/** Flags of seccomp(2), linux/seccomp.h. */
const FLAGS: Readonly<Record<string, number>> = {
  SECCOMP_FILTER_FLAG_TSYNC: 1,
  SECCOMP_FILTER_FLAG_LOG: 2,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 4,
};

const EPERM = 1;

/** The last argument of a system call. */
const LAST_ARGUMENT = 5;

export interface Condition {
  readonly index: number;
  readonly operator: number;
  readonly value: bigint;
  readonly valueTwo: bigint;
}

export interface Rule {
  readonly names: readonly string[];
  readonly action: number;
  /** All must hold. */
  readonly conditions: readonly Condition[];
}

export interface Profile {
  readonly defaultAction: number;
  /** Beside the machine's own, of those that it can run. */
  readonly architectures: readonly number[];
  readonly flags: number;
  readonly rules: readonly Rule[];
}

function invalid(where: string, message: string, fix: string): NodeletError {
  return new NodeletError("invalid", message, { where, fix });
}

function lookup(table: Readonly<Record<string, number>>, name: unknown, where: string, what: string): number {
  const found = typeof name === "string" && Object.hasOwn(table, name) ? table[name] : undefined;
  if (found !== undefined) return found;
  throw invalid(
    where,
    `${JSON.stringify(name) ?? "nothing"} is not ${what} that nodelet knows`,
    `use one of ${Object.keys(table).join(", ")}`,
  );
}

function record(value: unknown, where: string): Record<string, unknown> {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw invalid(where, "an object is needed here", "correct the seccomp profile");
}

function list(value: unknown, where: string): readonly unknown[] {
  if (value === undefined || value === null) return [];
  if (Array.isArray(value)) return value;
  throw invalid(where, "a list is needed here", "correct the seccomp profile");
}

/** An integer of 64 bits without sign; one that a double cannot hold arrives as a bigint. */
function unsigned(value: unknown, where: string, limit: bigint): bigint {
  const integer =
    typeof value === "bigint" ? value : typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : -1n;
  if (integer >= 0n && integer <= limit) return integer;
  throw invalid(where, `${String(value)} is not an integer from 0 to ${limit}`, "correct the seccomp profile");
}

/** The action with its errno or trace number, 16 bits. */
function withData(action: number, errnoRet: unknown, where: string): number {
  const takesData = action === ACTIONS["SCMP_ACT_ERRNO"] || action === ACTIONS["SCMP_ACT_TRACE"];
  if (errnoRet === undefined || errnoRet === null) return takesData ? action + EPERM : action;
  const data = Number(unsigned(errnoRet, where, 0xffffn));
  if (!takesData) throw invalid(where, "only SCMP_ACT_ERRNO and SCMP_ACT_TRACE take errnoRet", "leave it out");
  return action + data;
}

function parseAction(name: unknown, errnoRet: unknown, where: string): number {
  if (name === "SCMP_ACT_NOTIFY") {
    throw new NodeletError("unsupported", "SCMP_ACT_NOTIFY needs a seccomp agent, which nodelet does not offer", {
      where,
      fix: "use another action",
    });
  }
  return withData(lookup(ACTIONS, name, where, "a seccomp action"), errnoRet, `${where}: errnoRet`);
}

function parseCondition(value: unknown, where: string): Condition {
  const condition = record(value, where);
  return {
    index: Number(unsigned(condition["index"], `${where}.index`, BigInt(LAST_ARGUMENT))),
    operator: lookup(OPERATORS, condition["op"], `${where}.op`, "a comparison"),
    value: unsigned(condition["value"], `${where}.value`, 0xffff_ffff_ffff_ffffn),
    valueTwo: unsigned(condition["valueTwo"] ?? 0, `${where}.valueTwo`, 0xffff_ffff_ffff_ffffn),
  };
}

/** One rule of the profile as one rule of libseccomp, or several: conditions on the same argument are alternatives. */
function parseRules(value: unknown, where: string): Rule[] {
  const rule = record(value, where);
  const names = list(rule["names"], `${where}.names`);
  if (names.length === 0)
    throw invalid(`${where}.names`, "a rule needs the names of system calls", "name at least one");
  const checked = names.map((name, index) => {
    if (typeof name === "string" && name !== "") return name;
    throw invalid(
      `${where}.names[${index}]`,
      "the name of a system call is needed here",
      "correct the seccomp profile",
    );
  });
  const action = parseAction(rule["action"], rule["errnoRet"], `${where}.action`);
  const conditions = list(rule["args"], `${where}.args`).map((item, index) =>
    parseCondition(item, `${where}.args[${index}]`),
  );
  const arguments_ = new Set(conditions.map((condition) => condition.index));
  if (arguments_.size === conditions.length) return [{ names: checked, action, conditions }];
  return conditions.map((condition) => ({ names: checked, action, conditions: [condition] }));
}

/** JSON.parse loses what a double cannot hold; this keeps integers whole, as far as the engine shows their source. */
function parseJson(text: string): unknown {
  const revive = (_key: string, value: unknown, context?: { source?: string }): unknown => {
    if (typeof value !== "number" || Number.isSafeInteger(value)) return value;
    return context?.source !== undefined && /^\d+$/.test(context.source) ? BigInt(context.source) : value;
  };
  return JSON.parse(text, revive);
}

/** Checks a profile. Throws a NodeletError that names the field below `linux.seccomp`. */
export function parseProfile(text: string): Profile {
  let value: unknown;
  try {
    value = parseJson(text);
  } catch (error) {
    throw new NodeletError("invalid", "the seccomp profile is not JSON", {
      where: "linux.seccomp",
      fix: "correct the file",
      cause: error,
    });
  }
  const profile = record(value, "linux.seccomp");
  if (profile["defaultAction"] === undefined || profile["defaultAction"] === "") {
    throw invalid(
      "linux.seccomp.defaultAction",
      "a seccomp profile needs a default action",
      "an empty profile restricts nothing: use Unconfined if that is meant",
    );
  }
  const rules = list(profile["syscalls"], "linux.seccomp.syscalls").flatMap((rule, index) =>
    parseRules(rule, `linux.seccomp.syscalls[${index}]`),
  );
  const flags = list(profile["flags"], "linux.seccomp.flags").map((flag, index) =>
    lookup(FLAGS, flag, `linux.seccomp.flags[${index}]`, "a seccomp flag"),
  );
  return {
    defaultAction: parseAction(profile["defaultAction"], profile["defaultErrnoRet"], "linux.seccomp.defaultAction"),
    architectures: list(profile["architectures"], "linux.seccomp.architectures")
      .map((name, index) => lookup(ARCHITECTURES, name, `linux.seccomp.architectures[${index}]`, "an architecture"))
      .filter((architecture) => FAMILY.includes(architecture)),
    flags: flags.reduce((all, flag) => all | flag, 0),
    rules,
  };
}

/** The flags of a profile, for seccomp(2). */
export function seccompFlags(text: string): number {
  return parseProfile(text).flags;
}

type Resolve = Addon["resolveSyscall"];

/** The rules as the addon takes them. A rule that does what the default does anyway is left out, as libseccomp refuses it. */
function flatten(profile: Profile, resolve: Resolve): BigUint64Array {
  const words: bigint[] = [];
  for (const rule of profile.rules) {
    if (rule.action === profile.defaultAction) continue;
    for (const name of rule.names) {
      const number = resolve(NATIVE, name);
      if (number === undefined) continue;
      words.push(BigInt.asUintN(64, BigInt(number)), BigInt(rule.action), BigInt(rule.conditions.length));
      for (const condition of rule.conditions) {
        words.push(BigInt(condition.index), BigInt(condition.operator), condition.value, condition.valueTwo);
      }
    }
  }
  return BigUint64Array.from(words);
}

// Classic BPF, linux/bpf_common.h, and struct seccomp_data, linux/seccomp.h.
const LOAD = 0x20; // BPF_LD | BPF_W | BPF_ABS
const JUMP_EQUAL = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
const JUMP_GREATER = 0x25; // BPF_JMP | BPF_JGT | BPF_K
const JUMP_BITS = 0x45; // BPF_JMP | BPF_JSET | BPF_K
const RETURN = 0x06; // BPF_RET | BPF_K
const DATA_NUMBER = 0;
const DATA_ARCHITECTURE = 4;

type Instruction = readonly [code: number, jumpTrue: number, jumpFalse: number, operand: number];

/** What goes before a filter: ENOSYS for numbers beyond the highest that the profile names on each architecture. */
function newerSystemCalls(profile: Profile, resolve: Resolve): readonly Instruction[] {
  const names = new Set(profile.rules.flatMap((rule) => rule.names));
  const highest = (architecture: number): number =>
    Math.max(-1, ...[...names].map((name) => resolve(architecture, name) ?? -1));
  const program: Instruction[] = [];
  const architectures = new Set([NATIVE, ...profile.architectures]);
  for (const architecture of architectures) {
    if (architecture === X32) continue; // with x86_64
    const last = highest(architecture);
    if (last < 0) continue; // nothing named, or nothing that it has
    const lastX32 = architecture === X86_64 && architectures.has(X32) ? highest(X32) : -1;
    const refuse: Instruction = [RETURN, 0, 0, ACTION_ENOSYS];
    const x32: Instruction[] = lastX32 < 0 ? [] : [[JUMP_GREATER, 0, 1, lastX32], refuse];
    const body: Instruction[] = [[LOAD, 0, 0, DATA_NUMBER]];
    // Numbers of x32 have a limit of their own, or are left to the filter, which refuses what was not asked for.
    if (architecture === X86_64) body.push([JUMP_BITS, 2, 0, X32_BIT]);
    body.push([JUMP_GREATER, 0, 1 + x32.length, last], refuse, ...x32);
    program.push([LOAD, 0, 0, DATA_ARCHITECTURE], [JUMP_EQUAL, 0, body.length, architecture], ...body);
  }
  return program;
}

function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = new Uint8Array(program.length * 8);
  const view = new DataView(bytes.buffer);
  for (const [index, [code, jumpTrue, jumpFalse, operand]] of program.entries()) {
    view.setUint16(index * 8, code, true);
    view.setUint8(index * 8 + 2, jumpTrue);
    view.setUint8(index * 8 + 3, jumpFalse);
    view.setUint32(index * 8 + 4, operand, true);
  }
  return bytes;
}

/** Compiled filters by the hash of their profile. A node has few profiles; a client that sends ever new ones must not fill the memory. */
const CACHE_LIMIT = 64;
const compiled = new Map<string, Uint8Array>();

export function compileProfile(native: Pick<Addon, "compileSeccomp" | "resolveSyscall">, text: string): Uint8Array {
  const key = createHash("sha256").update(text).digest("base64");
  const known = compiled.get(key);
  if (known !== undefined) return known;
  const profile = parseProfile(text);
  const resolve: Resolve = (architecture, name) => native.resolveSyscall(architecture, name);
  const body = native.compileSeccomp(profile.defaultAction, profile.architectures, flatten(profile, resolve));
  const denies = (profile.defaultAction & ACTION_MASK) === ACTION_ERRNO;
  const filter = denies ? Buffer.concat([encode(newerSystemCalls(profile, resolve)), body]) : body;
  const [oldest] = compiled.keys();
  if (compiled.size >= CACHE_LIMIT && oldest !== undefined) compiled.delete(oldest);
  compiled.set(key, filter);
  return filter;
}
