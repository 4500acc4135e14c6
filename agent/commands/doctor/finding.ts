// What a check of the host says.

export type State = "ok" | "warning" | "missing";

export interface Finding {
  /** Heading that it stands under. */
  readonly area: string;
  readonly name: string;
  readonly state: State;
  /** What was found. */
  readonly detail: string;
  /** What follows from it, and what to do. Not for `ok`. */
  readonly consequence?: string | undefined;
  readonly fix?: string | undefined;
  /** Without it no container can be made. */
  readonly fatal?: boolean | undefined;
}

/** Findings of one area. */
export class Findings {
  readonly list: Finding[] = [];
  readonly #area: string;

  constructor(area: string) {
    this.#area = area;
  }

  ok(name: string, detail: string): void {
    this.list.push({ area: this.#area, name, state: "ok", detail });
  }

  warn(name: string, detail: string, consequence: string, fix: string): void {
    this.list.push({ area: this.#area, name, state: "warning", detail, consequence, fix });
  }

  missing(name: string, detail: string, consequence: string, fix: string): void {
    this.list.push({ area: this.#area, name, state: "missing", detail, consequence, fix });
  }

  /** No container can be made without it. */
  fatal(name: string, detail: string, fix: string, consequence = "No container can be made here."): void {
    this.list.push({ area: this.#area, name, state: "missing", detail, consequence, fix, fatal: true });
  }
}

/** The code of a failed system call, else its message. */
export function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("errno" in error && typeof error.errno === "string") return error.errno;
  return "code" in error && typeof error.code === "string" && /^E[A-Z0-9]+$/.test(error.code)
    ? error.code
    : error.message;
}
