// A shim under test: its process, its connections, and their frames.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { join, resolve } from "node:path";

import { decodeResults, encodePlan } from "../../../agent/runtime/plan/encode.ts";
import { encodeFrame, FrameParser, FrameType, type Frame } from "../../../agent/runtime/plan/frames.ts";
import type { Plan, StepResult } from "../../../agent/runtime/plan/operations.ts";

const ROOT = resolve(import.meta.dirname, "../../..");
export const NATIVE_DIR = process.env["NODELET_NATIVE_DIR"] ?? join(ROOT, "build", "native");
export const SHIM = join(NATIVE_DIR, "nodelet-shim");
export const SANITIZED = NATIVE_DIR.endsWith("-asan");

/** No answer takes this long, however busy the machine is. */
const ANSWER_LIMIT_MS = 15_000;

export interface Exit {
  readonly code: number;
  readonly signal: number;
  readonly at: bigint;
}

export interface Failure {
  readonly step: number;
  readonly errno: number;
  readonly detail: string;
  readonly results: readonly StepResult[];
}

export const typeName = (type: number): string =>
  Object.entries(FrameType).find(([, value]) => value === type)?.[0] ?? String(type);

/** One connection to a shim. */
export class Connection {
  readonly socket: Socket;
  readonly #parser = new FrameParser();
  readonly #frames: Frame[] = [];
  #wake: (() => void) | undefined;
  ended = false;
  /** Everything of STDOUT and STDERR that came so far. */
  stdout = "";
  stderr = "";
  stdoutEnded = false;
  stderrEnded = false;

  constructor(socket: Socket) {
    this.socket = socket;
    socket.on("data", (chunk: Buffer) => {
      for (const frame of this.#parser.push(chunk)) this.#take(frame);
      this.#wake?.();
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      this.ended = true;
      this.#wake?.();
    });
  }

  #take(frame: Frame): void {
    if (frame.type === FrameType.STDOUT || frame.type === FrameType.STDERR) {
      const text = Buffer.from(frame.payload).toString("latin1");
      if (frame.type === FrameType.STDOUT) this.stdout += text;
      else this.stderr += text;
      if (text === "" && frame.type === FrameType.STDOUT) this.stdoutEnded = true;
      if (text === "" && frame.type === FrameType.STDERR) this.stderrEnded = true;
    } else {
      this.#frames.push({ type: frame.type, payload: Buffer.from(frame.payload) });
    }
  }

  static async connect(path: string): Promise<Connection> {
    const socket = connect({ path });
    await once(socket, "connect");
    const connection = new Connection(socket);
    await connection.expect(FrameType.HELLO);
    return connection;
  }

  send(type: FrameType, payload?: Uint8Array): void {
    this.socket.write(encodeFrame(type, payload));
  }

  async until(what: string, test: () => boolean, limitMs = ANSWER_LIMIT_MS): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!test()) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`no ${what} in ${limitMs} ms`);
      if (this.ended) throw new Error(`the connection ended while ${what} was awaited`);
      await new Promise<void>((done) => {
        const timer = setTimeout(done, Math.min(left, 100));
        this.#wake = () => {
          clearTimeout(timer);
          done();
        };
      });
    }
  }

  /** The next frame that is not output. */
  async next(limitMs = ANSWER_LIMIT_MS): Promise<Frame> {
    if (this.#frames.length === 0) await this.until("frame", () => this.#frames.length > 0, limitMs);
    return this.#frames.shift()!;
  }

  async expect(type: FrameType, limitMs = ANSWER_LIMIT_MS): Promise<Buffer> {
    const frame = await this.next(limitMs);
    const payload = Buffer.from(frame.payload);
    if (frame.type === type) return payload;
    const detail =
      frame.type === FrameType.FAILED
        ? JSON.stringify({ ...decodeFailure(payload), results: undefined })
        : payload.toString("latin1").slice(0, 200);
    throw new Error(`${typeName(type)} was expected, and ${typeName(frame.type)} came: ${detail}`);
  }

  /** A plan that announces itself may fail behind its READY, which is answered as the daemon does. */
  async failure(): Promise<Failure> {
    await this.until("frame", () => this.#frames.length > 0);
    if (this.#frames[0]?.type === FrameType.READY) {
      this.#frames.shift();
      this.send(FrameType.COMMIT);
    }
    return decodeFailure(await this.expect(FrameType.FAILED));
  }

  async exited(limitMs = ANSWER_LIMIT_MS): Promise<Exit> {
    const payload = await this.expect(FrameType.EXITED, limitMs);
    return { code: payload.readInt32LE(0), signal: payload.readInt32LE(4), at: payload.readBigUInt64LE(8) };
  }

  async done(): Promise<number> {
    return (await this.expect(FrameType.DONE)).readInt32LE(0);
  }

  signal(pid: number, signal: number, group = false): void {
    const payload = Buffer.alloc(12);
    payload.writeUInt32LE(pid, 0);
    payload.writeInt32LE(signal, 4);
    payload.writeUInt32LE(group ? 1 : 0, 8);
    this.send(FrameType.SIGNAL, payload);
  }

  resize(columns: number, rows: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt16LE(columns, 0);
    payload.writeUInt16LE(rows, 2);
    this.send(FrameType.RESIZE, payload);
  }

  async attach(bits: number): Promise<void> {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(bits, 0);
    this.send(FrameType.ATTACH, payload);
    await this.done();
  }

  /** Makes this connection an exec session. */
  async exec(plan: Plan): Promise<{ pid: number; results: readonly StepResult[] }> {
    this.send(FrameType.EXEC, encodePlan(plan));
    return decodeStarted(await this.expect(FrameType.STARTED));
  }

  close(): void {
    this.socket.destroy();
  }
}

/** A shim's process and its control connection. */
export class Shim extends Connection {
  readonly process: ChildProcess;
  readonly ending: Promise<number | null>;

  constructor(child: ChildProcess) {
    super(child.stdio[3] as Socket);
    this.process = child;
    this.ending = new Promise((done) => {
      child.once("exit", (code) => done(code));
    });
  }

  static async start(options: { extraFds?: number } = {}): Promise<Shim> {
    if (!existsSync(SHIM)) throw new Error(`${SHIM} is not built: run make native`);
    const extra = Array.from({ length: options.extraFds ?? 0 }, () => 2); // left open by whoever starts it
    const env = SANITIZED ? { ASAN_OPTIONS: "detect_leaks=0:abort_on_error=1" } : {};
    const child = spawn(SHIM, [], {
      argv0: "nodelet-shim",
      env,
      stdio: ["ignore", "ignore", "inherit", "pipe", ...extra],
    });
    const shim = new Shim(child);
    await shim.expect(FrameType.HELLO);
    return shim;
  }

  get pid(): number {
    return this.process.pid!;
  }

  plan(plan: Plan): void {
    this.send(FrameType.PLAN, encodePlan(plan));
  }

  async ready(): Promise<number> {
    return (await this.expect(FrameType.READY)).readUInt32LE(0);
  }

  async started(): Promise<{ pid: number; results: readonly StepResult[] }> {
    return decodeStarted(await this.expect(FrameType.STARTED));
  }

  /** Plan, commit and start. */
  async run(plan: Plan): Promise<{ pid: number; results: readonly StepResult[] }> {
    this.plan(plan);
    await this.ready();
    this.send(FrameType.COMMIT);
    return await this.started();
  }

  /** Resolves when the process has ended; kills it when it does not. */
  async end(): Promise<void> {
    this.close();
    const limit = setTimeout(() => this.process.kill("SIGKILL"), 5_000);
    await this.ending;
    clearTimeout(limit);
  }
}

export function decodeFailure(payload: Buffer): Failure {
  const length = payload.readUInt32LE(8);
  return {
    step: payload.readUInt16LE(0),
    errno: payload.readInt32LE(4),
    detail: payload.subarray(12, 12 + length).toString(),
    results: decodeResults(payload.subarray(12 + length)),
  };
}

export function decodeStarted(payload: Buffer): { pid: number; at: bigint; results: readonly StepResult[] } {
  return {
    pid: payload.readUInt32LE(0),
    at: payload.readBigUInt64LE(4),
    results: decodeResults(payload.subarray(12)),
  };
}
