// A block of lines that is drawn over in place: for a terminal that can move its cursor.

import { cut } from "./table.ts";
import type { Streams } from "./cli.ts";

/** Changes that come together are drawn once. */
const DRAW_DELAY_MS = 50;

/** Ages move on even if nothing changes. */
const REDRAW_MS = 1_000;

/** Of a terminal that says nothing, or nought. */
const DEFAULT_SIZE: Size = { columns: 80, rows: 24 };

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

export class LiveView implements Disposable {
  readonly #stream: Streams["stdout"];
  readonly #lines: (size: Size) => readonly string[];
  readonly #interval: NodeJS.Timeout;
  #timer: NodeJS.Timeout | undefined;
  #drawn = 0;
  #begun = false;
  #disposed = false;

  /** A terminal of a kind that understands cursor movements. */
  static suits({ stdout, env }: Pick<Streams, "stdout" | "env">): boolean {
    return stdout.isTTY === true && env["TERM"] !== undefined && env["TERM"] !== "" && env["TERM"] !== "dumb";
  }

  constructor(stream: Streams["stdout"], lines: (size: Size) => readonly string[]) {
    this.#stream = stream;
    this.#lines = lines;
    this.#interval = setInterval(() => {
      if (this.#begun) this.#draw();
    }, REDRAW_MS);
    this.#interval.unref();
  }

  changed(): void {
    this.#begun = true;
    this.#timer ??= setTimeout(() => this.#draw(), DRAW_DELAY_MS);
  }

  #draw(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#disposed || this.#stream.writableNeedDrain) return;
    const size = {
      columns: this.#stream.columns || DEFAULT_SIZE.columns,
      rows: this.#stream.rows || DEFAULT_SIZE.rows,
    };
    let lines = this.#lines(size).map((line) => cut(line, size.columns));
    // What scrolled out of the terminal cannot be drawn over.
    const room = Math.max(2, size.rows - 1);
    if (lines.length > room) lines = [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`];
    // Up to the block's first line, and clear to the end of the screen.
    const back = this.#drawn === 0 ? "" : `\u001b[${this.#drawn}A\r\u001b[J`;
    this.#stream.write(`${back}${lines.join("\n")}\n`);
    this.#drawn = lines.length;
  }

  /** Leaves the last picture as it is. Idempotent. */
  [Symbol.dispose](): void {
    if (this.#disposed) return;
    if (this.#timer !== undefined) this.#draw();
    this.#disposed = true;
    clearInterval(this.#interval);
  }
}
