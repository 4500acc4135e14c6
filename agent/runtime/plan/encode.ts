// The binary form of a launch plan and of its results, as docs/shim-protocol.md has it. Pure.

import { ACTORS, NO_REG, OPERATIONS, REGISTER_COUNT, TOLERANCES } from "./operations.ts";
import type { ArgumentKind, Plan, Step, StepResult } from "./operations.ts";

/** "NDLP" */
const MAGIC = 0x504c444e;
const VERSION = 1;
const STEPS_MAX = 0xffff;
const RESULT_BYTES = 20;

/** The longest UTF-8 of a UTF-16 code unit. */
const UTF8_BYTES_MAX = 3;
const TWO_32 = 2 ** 32;

/** Asked for with every step of every plan. */
const ARGUMENTS = new Map(
  Object.entries(OPERATIONS).map(([op, { code, args }]) => [op, { code, kinds: Object.entries(args) }]),
);

/** Throws RangeError or TypeError, naming step and argument, for what the encoding cannot hold. */
export function encodePlan(plan: Plan): Uint8Array {
  if (plan.steps.length > STEPS_MAX) {
    throw new RangeError(
      `Cannot encode a plan as it must have at most ${STEPS_MAX} steps: it has ${plan.steps.length}`,
    );
  }
  const out = new Writer();
  out.u32(MAGIC);
  out.u16(VERSION);
  out.u16(plan.steps.length);
  plan.steps.forEach((step, index) => encodeStep(out, step, index));
  return out.finish();
}

function encodeStep(out: Writer, step: Step, index: number): void {
  const { code, kinds } = ARGUMENTS.get(step.op) ?? { code: 0, kinds: [] };
  out.u16(code);
  out.u8(ACTORS.indexOf(step.actor));
  out.u8(TOLERANCES.indexOf(step.tolerate ?? "never"));
  const lengthAt = out.length;
  out.u32(0);
  const values: Readonly<Record<string, unknown>> = step.args;
  for (const [name, kind] of kinds) {
    try {
      encodeArgument(out, kind, values[name]);
    } catch (error) {
      const what = `step ${index} (${step.op}), argument ${name}: ${error instanceof Error ? error.message : String(error)}`;
      throw error instanceof RangeError ? new RangeError(what) : new TypeError(what);
    }
  }
  out.patchU32(lengthAt, out.length - lengthAt - 4);
}

function encodeArgument(out: Writer, kind: ArgumentKind, value: unknown): void {
  switch (kind) {
    case "int":
      // Bit masks of 64 bits do not fit a double: capability sets stay below 2^53, flags far below.
      if (typeof value !== "number" || !Number.isSafeInteger(value))
        throw new RangeError(`not a safe integer: ${String(value)}`);
      out.i64(value);
      return;
    case "reg":
    case "out":
      if (typeof value !== "number" || !Number.isInteger(value) || value < NO_REG || value >= REGISTER_COUNT) {
        throw new RangeError(`not a register: ${String(value)}`);
      }
      out.i16(value);
      return;
    case "str":
      encodeString(out, value);
      return;
    case "list":
      if (!Array.isArray(value)) throw new TypeError("not a list");
      out.u32(value.length);
      for (const item of value) encodeString(out, item);
      return;
    case "bytes":
      if (!(value instanceof Uint8Array)) throw new TypeError("not bytes");
      out.terminated(value);
      return;
  }
}

function encodeString(out: Writer, value: unknown): void {
  if (typeof value !== "string") throw new TypeError("not a string");
  if (value.includes("\0")) throw new RangeError("a string with a NUL");
  out.text(value);
}

/** The `results` of a READY, STARTED, FAILED or FINISHED frame. Throws RangeError when they are cut off. */
export function decodeResults(bytes: Uint8Array): StepResult[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const count = view.getUint16(0, true);
  if (bytes.byteLength < 2 + count * RESULT_BYTES)
    throw new RangeError(`${count} results do not fit ${bytes.byteLength} bytes`);
  return Array.from({ length: count }, (_, index) => {
    const at = 2 + index * RESULT_BYTES;
    return {
      errno: view.getInt32(at, true),
      startedNs: view.getBigUint64(at + 4, true),
      durationNs: view.getBigUint64(at + 12, true),
    };
  });
}

/** One plan is encoded at a time; what it took is kept for the next. */
let scratch = Buffer.alloc(16_384);

/** A growing buffer, little-endian. */
class Writer {
  length = 0;

  u8(value: number): void {
    const at = this.#take(1); // first, as it may replace the buffer
    scratch[at] = value;
  }
  u16(value: number): void {
    const at = this.#take(2);
    scratch.writeUInt16LE(value, at);
  }
  i16(value: number): void {
    const at = this.#take(2);
    scratch.writeInt16LE(value, at);
  }
  u32(value: number): void {
    const at = this.#take(4);
    scratch.writeUInt32LE(value, at);
  }
  /** A safe integer. */
  i64(value: number): void {
    const at = this.#take(8);
    const high = Math.floor(value / TWO_32);
    scratch.writeUInt32LE(value - high * TWO_32, at);
    scratch.writeInt32LE(high, at + 4);
  }
  /** u32 length, the bytes, a NUL that the length does not count. */
  terminated(bytes: Uint8Array): void {
    this.u32(bytes.length);
    const at = this.#take(bytes.length + 1);
    scratch.set(bytes, at);
    scratch[at + bytes.length] = 0;
  }
  /** The same of a string's UTF-8. */
  text(value: string): void {
    const lengthAt = this.#take(4);
    const at = this.#take(value.length * UTF8_BYTES_MAX + 1);
    const length = scratch.write(value, at, "utf8");
    scratch.writeUInt32LE(length, lengthAt);
    scratch[at + length] = 0;
    this.length = at + length + 1;
  }
  patchU32(at: number, value: number): void {
    scratch.writeUInt32LE(value, at);
  }
  finish(): Uint8Array {
    return Uint8Array.prototype.slice.call(scratch, 0, this.length);
  }

  #take(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > scratch.length) {
      const grown = Buffer.alloc(Math.max(this.length, scratch.length * 2));
      grown.set(scratch);
      scratch = grown;
    }
    return at;
  }
}
