/**
 * A small mutation fuzzer for parsers. A target gets inputs made from a corpus (test/fuzz/corpus/NAME/, small committed files) and from
 * seeds that the test makes, changed by flips, splices, numbers at their limits and words of a dictionary. An input that leads to an
 * answer not seen before joins the pool. A target may throw a NodeletError and nothing else, must answer within a hang limit and
 * hold no more memory than its limit.
 *
 * What fails is written to a file, whose path is printed with the seed:
 *
 *     NODELET_FUZZ_SEED=N        the same inputs again
 *     NODELET_FUZZ_COUNT=N       so many inputs a target
 *     NODELET_FUZZ_INPUT=PATH    this input alone, to the targets of the file that is run
 */
import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { test } from "tap";
import { describeError, isNodeletError } from "../../agent/base/errors.ts";
import { countOf, type Random, seeded, seedOf } from "../fixtures/soak.ts";

export interface Target {
  readonly name: string;
  /** Directory of its inputs below test/fuzz/corpus. @default its name */
  readonly corpus?: string;
  /** Throws a NodeletError, or anything else where it is wrong. What it returns is only told apart from other answers. */
  readonly run: (input: Buffer, random: Random) => unknown;
  readonly seeds?: readonly (Buffer | string)[];
  /** Words that mean something in the format. */
  readonly dictionary?: readonly (Buffer | string)[];
  /** Makes a changed input worth reading: checksums. In place; called for most inputs, not all. */
  readonly repair?: (input: Buffer) => void;
  /** Inputs in the short form. @default 3000 */
  readonly count?: number;
  /** @default 64 KiB */
  readonly maxBytes?: number;
  /** What one input may leave behind on the heap and in buffers. @default 64 MiB */
  readonly maxMemory?: number;
}

interface Reporter {
  comment(text: string): unknown;
  pass(text: string): unknown;
  fail(text: string): unknown;
}

/** A parser that has not answered by then hangs: generous, as machines are slow at times. */
const HANG_SECONDS = countOf("NODELET_FUZZ_HANG_SECONDS", { short: 20, soak: 20 });
const DEFAULT_COUNT = 3000;
const SOAK_FACTOR = 100;
const DEFAULT_MAX_BYTES = 64 * 1024;
const DEFAULT_MAX_MEMORY = 64 * 1024 * 1024;
const MAX_POOL = 400;
const EDGES = [
  -1n,
  0n,
  1n,
  7n,
  8n,
  9n,
  100n,
  127n,
  128n,
  255n,
  256n,
  511n,
  512n,
  513n,
  4095n,
  4096n,
  32767n,
  32768n,
  65535n,
  65536n,
  0x7fffffffn,
  0x80000000n,
  0xffffffffn,
  0x100000000n,
  0x1fffffffffffffn,
  0x7fffffffffffffffn,
  0xffffffffffffffffn,
];

/** Runs one subtest a target. */
export function fuzz(targets: readonly Target[]): void {
  for (const target of targets) void test(target.name, (t) => fuzzTarget(t, target));
}

async function fuzzTarget(t: Reporter, target: Target): Promise<void> {
  const replay = process.env["NODELET_FUZZ_INPUT"];
  const seed = seedOf("NODELET_FUZZ_SEED");
  const short = target.count ?? DEFAULT_COUNT;
  const count = replay === undefined ? countOf("NODELET_FUZZ_COUNT", { short, soak: short * SOAK_FACTOR }) : 0;
  const initial =
    replay === undefined
      ? [...readCorpus(target.corpus ?? target.name), ...buffers(target.seeds)]
      : [readFileSync(replay)];
  t.comment(`NODELET_FUZZ_SEED=${seed}, ${initial.length} inputs and ${count} made from them`);
  const random = seeded(seed);
  using watch = new HangWatch(target.name, target.maxBytes ?? DEFAULT_MAX_BYTES);
  const pool = [...initial];
  const answers = new Set<string>();
  for (let index = 0; index < initial.length + count; index++) {
    const input = initial[index] ?? mutate(pool, target, random);
    watch.begin(input);
    const outcome = await tryInput(target, input, random);
    watch.end();
    if (outcome.problem !== undefined) {
      const file = save(target.name, input);
      t.fail(`${outcome.problem}\nNODELET_FUZZ_SEED=${seed}; the input alone: NODELET_FUZZ_INPUT=${file}`);
      return;
    }
    if (answers.has(outcome.answer)) continue;
    answers.add(outcome.answer);
    if (pool.length < MAX_POOL) pool.push(input);
    else pool[random(MAX_POOL)] = input;
  }
  t.pass(`${initial.length + count} inputs, ${answers.size} different answers`);
}

async function tryInput(
  target: Target,
  input: Buffer,
  random: Random,
): Promise<{ answer: string; problem: string | undefined }> {
  const before = memory();
  let answer: string;
  try {
    const result = await target.run(Buffer.from(input), random);
    answer = `answers ${typeof result === "string" ? result : JSON.stringify(result)?.length}`;
  } catch (error) {
    if (!isNodeletError(error))
      return { answer: "", problem: `threw ${error instanceof Error ? error.stack : String(error)}` };
    // Names and numbers of the input are no new answers.
    answer = describeError(error)
      .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
      .replaceAll(/[0-9]+/g, "0")
      .slice(0, 200);
  }
  const held = memory() - before;
  const limit = target.maxMemory ?? DEFAULT_MAX_MEMORY;
  return { answer, problem: held > limit ? `took ${held} bytes of memory, more than ${limit}` : undefined };
}

function memory(): number {
  const { heapUsed, external, arrayBuffers } = process.memoryUsage();
  return heapUsed + external + arrayBuffers;
}

export function readCorpus(name: string): Buffer[] {
  const directory = join(import.meta.dirname, "corpus", name);
  let names: string[];
  try {
    names = readdirSync(directory).toSorted();
  } catch {
    return [];
  }
  return names.map((file) => readFileSync(join(directory, file)));
}

function buffers(items: readonly (Buffer | string)[] = []): Buffer[] {
  return items.map((item) => (typeof item === "string" ? Buffer.from(item) : item));
}

function save(name: string, input: Buffer): string {
  const file = join(mkdtempSync(join(tmpdir(), "nodelet-fuzz-")), name.replaceAll(/[^A-Za-z0-9-]/g, "-"));
  writeFileSync(file, input);
  return file;
}

/** One to a few changes of an input of the pool. */
function mutate(pool: readonly Buffer[], target: Target, random: Random): Buffer {
  const dictionary = buffers(target.dictionary);
  let data: Buffer = Buffer.from(pool[random(pool.length)] ?? Buffer.alloc(0));
  for (let change = 1 + random(random(4) === 0 ? 12 : 4); change > 0; change--) {
    data = mutations[random(mutations.length)]!(data, random, dictionary, pool);
  }
  const maxBytes = target.maxBytes ?? DEFAULT_MAX_BYTES;
  if (data.length > maxBytes) data = data.subarray(0, maxBytes);
  if (target.repair !== undefined && random(8) !== 0) target.repair(data);
  return data;
}

type Mutation = (data: Buffer, random: Random, dictionary: readonly Buffer[], pool: readonly Buffer[]) => Buffer;

function replaced(data: Buffer, start: number, end: number, bytes: Uint8Array): Buffer {
  return Buffer.concat([data.subarray(0, start), bytes, data.subarray(end)]);
}

const mutations: readonly Mutation[] = [
  // A bit, a byte.
  (data, random) => {
    if (data.length > 0) {
      const at = random(data.length);
      data[at] = (data[at] ?? 0) ^ (1 << random(8));
    }
    return data;
  },
  (data, random) => {
    if (data.length > 0) data[random(data.length)] = [0, 0x20, 0x2f, 0x7f, 0x80, 0xff, random(256)][random(7)]!;
    return data;
  },
  // Ranges taken out, doubled, moved, repeated.
  (data, random) => {
    const start = random(data.length + 1);
    return replaced(data, start, Math.min(data.length, start + 1 + random(64)), Buffer.alloc(0));
  },
  (data, random) => {
    const start = random(data.length + 1);
    const end = Math.min(data.length, start + 1 + random(random(3) === 0 ? 2048 : 32));
    const part = Buffer.from(data.subarray(start, end));
    const place = random(2) === 0 ? end : random(data.length + 1);
    return replaced(data, place, place, Buffer.concat(Array.from({ length: 1 + random(3) }, () => part)));
  },
  (data, random) => data.subarray(0, random(data.length + 1)),
  // The beginning of one and the end of another.
  (data, random, _, pool) => {
    const other = pool[random(pool.length)] ?? data;
    const block = random(2) === 0 ? 512 : 1;
    const cut = (length: number): number => Math.floor(random(length + 1) / block) * block;
    return Buffer.concat([data.subarray(0, cut(data.length)), other.subarray(cut(other.length))]);
  },
  // A number in the text.
  (data, random) => {
    const text = data.toString("latin1");
    const numbers = [...text.matchAll(/-?[0-9]+/g)];
    const number = numbers[random(Math.max(1, numbers.length))];
    if (number === undefined) return data;
    const edge =
      random(3) === 0 ? BigInt(number[0].slice(0, 30)) + BigInt(random(3) - 1) : EDGES[random(EDGES.length)]!;
    const digits = edge.toString(random(2) === 0 ? 10 : 8).padStart(random(2) === 0 ? number[0].length : 0, "0");
    return replaced(data, number.index, number.index + number[0].length, Buffer.from(digits));
  },
  // A number in binary.
  (data, random) => {
    const size = [1, 2, 4, 8][random(4)]!;
    if (data.length < size) return data;
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt.asUintN(64, EDGES[random(EDGES.length)]!));
    const number = bytes.subarray(0, size);
    if (random(2) === 0) number.reverse();
    number.copy(
      data,
      random(2) === 0 ? random(data.length - size + 1) : Math.floor(random(data.length - size + 1) / 4) * 4,
    );
    return data;
  },
  // A word of the format.
  (data, random, dictionary) => {
    const word = dictionary[random(Math.max(1, dictionary.length))];
    if (word === undefined) return data;
    const at = random(data.length + 1);
    return replaced(data, at, random(2) === 0 ? at : Math.min(data.length, at + word.length), word);
  },
];

/** A thread that ends the process when one input takes too long, and keeps the input. */
class HangWatch implements Disposable {
  readonly #state: Int32Array;
  readonly #input: Uint8Array;
  readonly #worker: Worker;

  constructor(name: string, maxBytes: number) {
    const shared = new SharedArrayBuffer(8);
    const input = new SharedArrayBuffer(Math.max(maxBytes, 1024 * 1024));
    this.#state = new Int32Array(shared);
    this.#input = new Uint8Array(input);
    const file = join(tmpdir(), `nodelet-fuzz-hang-${process.pid}`);
    this.#worker = new Worker(WATCH, {
      execArgv: [],
      eval: true,
      workerData: { shared, input, name, file, seconds: HANG_SECONDS },
    });
    this.#worker.unref();
  }

  /** The count of inputs is odd while one is at work. */
  begin(input: Buffer): void {
    const length = Math.min(input.length, this.#input.length);
    this.#input.set(input.subarray(0, length));
    Atomics.store(this.#state, 1, length);
    Atomics.add(this.#state, 0, 1);
  }

  end(): void {
    Atomics.add(this.#state, 0, 1);
  }

  [Symbol.dispose](): void {
    void this.#worker.terminate();
  }
}

const WATCH = `
const { workerData } = require("node:worker_threads");
const { writeFileSync, writeSync } = require("node:fs");
const state = new Int32Array(workerData.shared);
let seen = -1;
setInterval(() => {
  const now = Atomics.load(state, 0);
  if (now % 2 === 1 && now === seen) {
    writeFileSync(workerData.file, new Uint8Array(workerData.input).slice(0, Atomics.load(state, 1)));
    writeSync(2, workerData.name + " hangs: NODELET_FUZZ_INPUT=" + workerData.file + "\\n");
    process.kill(process.pid, "SIGKILL");
  }
  seen = now;
}, workerData.seconds * 1000);
`;
