// Go's durations: 300ms, 1m30s, -1.5h, 0.

const MILLISECONDS: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};

const NUMBER = String.raw`(?:\d+\.?\d*|\.\d+)`;
const UNIT = "ns|us|µs|μs|ms|s|m|h";
const WHOLE = new RegExp(`^[+-]?(?:0|(?:${NUMBER}(?:${UNIT}))+)$`);
const PART = new RegExp(`(${NUMBER})(${UNIT})`, "g");

/** Milliseconds; undefined when it is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!WHOLE.test(text)) return undefined;
  let total = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(PART)) total += Number(amount) * (MILLISECONDS[unit] ?? 0);
  return text.startsWith("-") && total !== 0 ? -total : total;
}

/** As Go prints it: 1m30s, 4h0m0s, 100ms, 0s. */
export function formatDuration(milliseconds: number): string {
  const sign = milliseconds < 0 ? "-" : "";
  const total = Math.abs(milliseconds);
  if (total === 0) return "0s";
  if (total < 1e-3) return `${sign}${Math.round(total * 1e6)}ns`;
  if (total < 1) return `${sign}${trim(total * 1e3)}µs`;
  if (total < 1_000) return `${sign}${trim(total)}ms`;
  const seconds = total / 1_000;
  const hours = Math.floor(seconds / 3_600);
  const minutes = Math.floor((seconds % 3_600) / 60);
  const rest = `${trim(seconds - hours * 3_600 - minutes * 60)}s`;
  return sign + (hours > 0 ? `${hours}h${minutes}m${rest}` : minutes > 0 ? `${minutes}m${rest}` : rest);
}

function trim(number: number): string {
  return String(Number(number.toFixed(6)));
}
