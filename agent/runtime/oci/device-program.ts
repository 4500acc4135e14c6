// The device rules of a container as an eBPF program of type BPF_PROG_TYPE_CGROUP_DEVICE, cgroup v2's device controller
// (Linux, Documentation/admin-guide/cgroup-v2.rst, "Device controller"). Pure: it returns the instructions.

import type { OciDeviceRule } from "./types.ts";

// Instruction classes and operations, linux/bpf.h.
const LDX_MEM_W = 0x61;
const ALU_AND_K = 0x54;
const ALU_RSH_K = 0x74;
const ALU_MOV_X = 0xbc;
const ALU_MOV_K = 0xb4;
const JMP_JEQ_K = 0x15;
const JMP_JNE_K = 0x55;
const JMP_JNE_X = 0x5d;
const EXIT = 0x95;

// struct bpf_cgroup_dev_ctx: access_type (access << 16 | type), major, minor, each u32.
const CTX_ACCESS_TYPE = 0;
const CTX_MAJOR = 4;
const CTX_MINOR = 8;

const DEVICE_TYPES: Readonly<Record<string, number>> = { b: 1, c: 2 };
const ACCESS_BITS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };
const ACCESS_ALL = 7;

const R0 = 0;
const R1 = 1;
const TYPE = 2;
const ACCESS = 3;
const MAJOR = 4;
const MINOR = 5;

interface Instruction {
  readonly code: number;
  readonly dst: number;
  readonly src: number;
  readonly offset: number;
  readonly immediate: number;
}

function instruction(
  code: number,
  dst: number,
  fields: { src?: number; offset?: number; immediate?: number } = {},
): Instruction {
  return { code, dst, src: fields.src ?? 0, offset: fields.offset ?? 0, immediate: fields.immediate ?? 0 };
}

/**
 * The last rule that matches decides, and without a match access is denied. An allowing rule matches a request that asks for
 * nothing beyond its access, a denying one a request that asks for any of it.
 * @returns struct bpf_insn[], little-endian
 */
export function deviceProgram(rules: readonly OciDeviceRule[]): Uint8Array {
  const program: Instruction[] = [
    instruction(LDX_MEM_W, TYPE, { src: R1, offset: CTX_ACCESS_TYPE }),
    instruction(ALU_AND_K, TYPE, { immediate: 0xffff }),
    instruction(LDX_MEM_W, ACCESS, { src: R1, offset: CTX_ACCESS_TYPE }),
    instruction(ALU_RSH_K, ACCESS, { immediate: 16 }),
    instruction(LDX_MEM_W, MAJOR, { src: R1, offset: CTX_MAJOR }),
    instruction(LDX_MEM_W, MINOR, { src: R1, offset: CTX_MINOR }),
  ];
  for (const rule of [...rules.toReversed(), DENY_ALL]) {
    const instructions = ruleInstructions(rule);
    program.push(...instructions);
    // The kernel refuses a program with instructions that cannot be reached, and behind a rule for everything they cannot.
    if (instructions.length === VERDICT_LENGTH) break;
  }
  return encode(program);
}

const DENY_ALL: OciDeviceRule = { allow: false };

/** Instructions of a rule that has nothing to test. */
const VERDICT_LENGTH = 2;

/** A rule that does not match jumps behind itself. */
function ruleInstructions(rule: OciDeviceRule): Instruction[] {
  const tests: Instruction[] = [];
  const type = rule.type === undefined || rule.type === "a" ? undefined : DEVICE_TYPES[rule.type];
  if (type !== undefined) tests.push(instruction(JMP_JNE_K, TYPE, { immediate: type }));
  const access = [...(rule.access ?? "rwm")].reduce((bits, letter) => bits | (ACCESS_BITS[letter] ?? 0), 0);
  if (access !== ACCESS_ALL) {
    tests.push(instruction(ALU_MOV_X, R1, { src: ACCESS }), instruction(ALU_AND_K, R1, { immediate: access }));
    tests.push(rule.allow ? instruction(JMP_JNE_X, R1, { src: ACCESS }) : instruction(JMP_JEQ_K, R1, { immediate: 0 }));
  }
  if (rule.major !== undefined && rule.major >= 0) tests.push(instruction(JMP_JNE_K, MAJOR, { immediate: rule.major }));
  if (rule.minor !== undefined && rule.minor >= 0) tests.push(instruction(JMP_JNE_K, MINOR, { immediate: rule.minor }));
  const verdict = [instruction(ALU_MOV_K, R0, { immediate: rule.allow ? 1 : 0 }), instruction(EXIT, 0)];
  const length = tests.length + verdict.length;
  const isJump = ({ code }: Instruction): boolean => code === JMP_JNE_K || code === JMP_JEQ_K || code === JMP_JNE_X;
  return [...tests.map((test, index) => (isJump(test) ? { ...test, offset: length - index - 1 } : test)), ...verdict];
}

/** struct bpf_insn: u8 code, u8 src << 4 | dst, s16 offset, s32 immediate. */
function encode(program: readonly Instruction[]): Uint8Array {
  const bytes = Buffer.alloc(program.length * 8);
  for (const [index, { code, dst, src, offset, immediate }] of program.entries()) {
    bytes.writeUInt8(code, index * 8);
    bytes.writeUInt8((src << 4) | dst, index * 8 + 1);
    bytes.writeInt16LE(offset, index * 8 + 2);
    bytes.writeInt32LE(immediate | 0, index * 8 + 4);
  }
  return bytes;
}
