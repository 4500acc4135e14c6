// Reads what ginkgo writes for --junit-report.

export interface SpecResult {
  readonly name: string;
  readonly outcome: "passed" | "failed" | "skipped";
  readonly seconds: number;
  /** What failed, or why it was skipped; empty when it was not selected. */
  readonly message: string;
}

const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

function decode(text: string): string {
  return text.replaceAll(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hex, name) => {
    if (decimal !== undefined) return String.fromCodePoint(Number(decimal));
    if (hex !== undefined) return String.fromCodePoint(Number.parseInt(String(hex), 16));
    return ENTITIES[String(name)] ?? whole;
  });
}

function attribute(tag: string, name: string): string {
  return decode(new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
}

/** What ginkgo writes around a spec's own name: its kind before, its labels behind. */
const AROUND = /^\[It\] | \[[^[\]]+, [^[\]]+\]$/g;

/** The name that the suite itself gives a spec, with single spaces: reports have more of them or fewer. */
export function ownName(name: string): string {
  return name.replaceAll(AROUND, "").replaceAll(/ {2,}/g, " ");
}

/** Set-up and tear-down of the suite, and specs that never ran to an end, count as specs. */
export function readJunit(xml: string): SpecResult[] {
  return Array.from(xml.matchAll(/<testcase\b([^>]*?)(?:\/>|>(.*?)<\/testcase>)/gs), ([, head = "", body = ""]) => {
    const skipped = /<skipped\b[^>]*>/.exec(body)?.[0];
    const failed = /<(?:failure|error)\b[^>]*>/.exec(body)?.[0];
    const outcome = failed !== undefined ? "failed" : skipped !== undefined ? "skipped" : "passed";
    return {
      name: attribute(head, "name"),
      outcome,
      seconds: Number(attribute(head, "time")),
      message: attribute(failed ?? skipped ?? "", "message").replace(/^skipped( - )?/, ""),
    };
  });
}
