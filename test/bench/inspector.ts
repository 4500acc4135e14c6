// Where a running Node.js process spends its time: the profiler of its inspector, which SIGUSR1 opens on loopback.

import { writeFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";

const ADDRESS = "http://127.0.0.1:9229/json/list";
const OPEN_LIMIT_MS = 30_000;

interface Answer {
  readonly id?: number;
  readonly result?: unknown;
}

export class Profiler implements Disposable {
  readonly #socket: WebSocket;
  readonly #waiting = new Map<number, (result: unknown) => void>();
  #last = 0;

  private constructor(socket: WebSocket) {
    this.#socket = socket;
    socket.addEventListener("message", ({ data }) => {
      const { id = 0, result } = JSON.parse(String(data)) as Answer;
      this.#waiting.get(id)?.(result);
      this.#waiting.delete(id);
    });
  }

  static async open(pid: number): Promise<Profiler> {
    process.kill(pid, "SIGUSR1");
    for (const limit = Date.now() + OPEN_LIMIT_MS; Date.now() < limit; await sleep(100)) {
      const response = await fetch(ADDRESS).catch(() => undefined);
      if (response === undefined) continue;
      const [target] = (await response.json()) as { webSocketDebuggerUrl: string }[];
      const socket = new WebSocket(target?.webSocketDebuggerUrl ?? "");
      await new Promise((resolve, reject) => {
        socket.addEventListener("open", resolve);
        socket.addEventListener("error", reject);
      });
      const profiler = new Profiler(socket);
      await profiler.#ask("Profiler.enable");
      await profiler.#ask("Profiler.setSamplingInterval", { interval: 500 });
      return profiler;
    }
    throw new Error(`process ${pid} did not open its inspector`);
  }

  async start(): Promise<void> {
    await this.#ask("Profiler.start");
  }

  /** A file that Chrome's and VS Code's viewers know. */
  async stop(path: string): Promise<void> {
    const { profile } = (await this.#ask("Profiler.stop")) as { profile: unknown };
    writeFileSync(path, JSON.stringify(profile));
  }

  #ask(method: string, params: object = {}): Promise<unknown> {
    const id = ++this.#last;
    this.#socket.send(JSON.stringify({ id, method, params }));
    return new Promise((resolve) => this.#waiting.set(id, resolve));
  }

  [Symbol.dispose](): void {
    this.#socket.close();
  }
}
