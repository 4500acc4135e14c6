/** Reads the top-level test points out of a TAP 14 stream: what a test file says about its tests, without the details. */

export interface Point {
  name: string;
  /** False for `not ok`, unless it is marked TODO. */
  ok: boolean;
  /** The reason, where the test, or everything within it, was skipped. */
  skip?: string;
}

export interface TapResult {
  points: Point[];
  /** The number in the plan line `1..N`. */
  planned?: number;
}

const POINT = /^( *)(not )?ok(?: (\d+))?(?: -)?(?: (.*))?$/;
const PLAN = /^1\.\.(\d+)/;
const DIRECTIVE = /(?:^|[^\\])#\s*(SKIP|TODO)\b\s*(.*)$/i;

export class TapReader {
  readonly #points: Point[] = [];
  #planned: number | undefined;
  #rest = "";
  /** Of the subtest that is being read: its own points, and those of them that were skipped. */
  #nested = { total: 0, skipped: 0, reason: "" };

  write(text: string): void {
    const lines = (this.#rest + text).split("\n");
    this.#rest = lines.pop() ?? "";
    for (const line of lines) this.#line(line);
  }

  end(): TapResult {
    if (this.#rest !== "") this.#line(this.#rest);
    this.#rest = "";
    return { points: this.#points, ...(this.#planned === undefined ? {} : { planned: this.#planned }) };
  }

  #line(line: string): void {
    const plan = PLAN.exec(line);
    if (plan) {
      this.#planned = Number(plan[1]);
      return;
    }
    const point = POINT.exec(line);
    if (!point) return;
    const [, indent = "", not, , description = ""] = point;
    const directive = DIRECTIVE.exec(description);
    const kind = directive?.[1]?.toUpperCase();
    if (indent.length === 4) {
      this.#nested.total += 1;
      if (kind === "SKIP") {
        this.#nested.skipped += 1;
        this.#nested.reason ||= directive?.[2] || description.slice(0, directive?.index).trim();
      }
      return;
    }
    if (indent !== "") return;
    const name = description.replace(/(?:^|\s)#\s*(?:time=|SKIP|TODO).*$/i, "").replace(/ \{$/, "");
    const whole = this.#nested.total > 0 && this.#nested.total === this.#nested.skipped;
    const skip = kind === "SKIP" ? directive?.[2] || "no reason given" : whole ? this.#nested.reason : undefined;
    this.#points.push({ name, ok: not === undefined || kind === "TODO", ...(skip === undefined ? {} : { skip }) });
    this.#nested = { total: 0, skipped: 0, reason: "" };
  }
}

export function countPoints(points: readonly Point[]): { passed: number; failed: number; skipped: number } {
  const failed = points.filter((point) => !point.ok).length;
  const skipped = points.filter((point) => point.ok && point.skip !== undefined).length;
  return { passed: points.length - failed - skipped, failed, skipped };
}
