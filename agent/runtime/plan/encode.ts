// The binary form of a launch plan and of its results, as docs/shim-protocol.md has it. Pure.

import { ACTORS, NO_REG, OPERATIONS, REGISTER_COUNT, TOLERANCES } from "./operations.ts";
import type { ArgumentKind, Plan, Step, StepResult } from "./operations.ts";

/** "NDLP" */
const MAGIC = 0x504c444e;
const VERSION = 1;
const STEPS_MAX = 0xffff;
const RESULT_BYTES = 20;

const utf8 = new TextEncoder();

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
  const operation = OPERATIONS[step.op];
  out.u16(operation.code);
  out.u8(ACTORS.indexOf(step.actor));
  out.u8(TOLERANCES.indexOf(step.tolerate ?? "never"));
  const lengthAt = out.length;
  out.u32(0);
  const values: Readonly<Record<string, unknown>> = step.args;
  for (const [name, kind] of Object.entries(operation.args)) {
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
  out.terminated(utf8.encode(value));
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

/** A growing buffer, little-endian. */
class Writer {
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  length = 0;

  u8(value: number): void {
    const at = this.#take(1); // first, as it may replace the view
    this.#view.setUint8(at, value);
  }
  u16(value: number): void {
    const at = this.#take(2); // first, as it may replace the view
    this.#view.setUint16(at, value, true);
  }
  i16(value: number): void {
    const at = this.#take(2); // first, as it may replace the view
    this.#view.setInt16(at, value, true);
  }
  u32(value: number): void {
    const at = this.#take(4); // first, as it may replace the view
    this.#view.setUint32(at, value, true);
  }
  i64(value: number): void {
    const at = this.#take(8); // first, as it may replace the view
    this.#view.setBigInt64(at, BigInt(value), true);
  }
  /** u32 length, the bytes, a NUL that the length does not count. */
  terminated(bytes: Uint8Array): void {
    this.u32(bytes.length);
    const at = this.#take(bytes.length + 1);
    this.#bytes.set(bytes, at);
    this.#bytes[at + bytes.length] = 0;
  }
  patchU32(at: number, value: number): void {
    this.#view.setUint32(at, value, true);
  }
  finish(): Uint8Array {
    return this.#bytes.slice(0, this.length);
  }

  #take(count: number): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(this.length, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
      this.#view = new DataView(grown.buffer);
    }
    return at;
  }
}
