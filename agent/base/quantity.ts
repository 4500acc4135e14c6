// Kubernetes quantities: "250m", "1.5Gi", "1e3". Exact, in bigint.

const SUFFIXES: Readonly<Record<string, readonly [numerator: bigint, denominator: bigint]>> = {
  "": [1n, 1n],
  n: [1n, 1_000_000_000n],
  u: [1n, 1_000_000n],
  m: [1n, 1_000n],
  k: [1_000n, 1n],
  M: [1_000_000n, 1n],
  G: [1_000_000_000n, 1n],
  T: [1_000_000_000_000n, 1n],
  P: [1_000_000_000_000_000n, 1n],
  E: [1_000_000_000_000_000_000n, 1n],
  Ki: [1n << 10n, 1n],
  Mi: [1n << 20n, 1n],
  Gi: [1n << 30n, 1n],
  Ti: [1n << 40n, 1n],
  Pi: [1n << 50n, 1n],
  Ei: [1n << 60n, 1n],
};

/** Digits before and after the point together; no sensible quantity has more. */
const MAX_DIGITS = 40;
/** The largest exponent of ten that is written out. */
const MAX_EXPONENT = 30;

const PATTERN = /^([+-]?)(\d*)(?:\.(\d*))?(?:([eE])([+-]?\d{1,3})|(n|u|m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei))?$/;

interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

function parse(text: string): Fraction | undefined {
  const match = PATTERN.exec(text);
  if (match === null) return undefined;
  const [, sign, whole = "", part = "", , exponent, suffix = ""] = match;
  const digits = whole + part;
  if (digits === "" || digits.length > MAX_DIGITS) return undefined;
  const scale = SUFFIXES[suffix];
  if (scale === undefined) return undefined;
  let numerator = BigInt(digits) * scale[0];
  let denominator = 10n ** BigInt(part.length) * scale[1];
  if (exponent !== undefined) {
    const power = Number(exponent);
    if (Math.abs(power) > MAX_EXPONENT) return undefined;
    if (power >= 0) numerator *= 10n ** BigInt(power);
    else denominator *= 10n ** BigInt(-power);
  }
  return { numerator: sign === "-" ? -numerator : numerator, denominator };
}

function roundUp({ numerator, denominator }: Fraction): bigint {
  const quotient = numerator / denominator;
  return numerator > 0n && numerator % denominator !== 0n ? quotient + 1n : quotient;
}

export function isQuantity(text: string): boolean {
  return parse(text) !== undefined;
}

/** Whole units, rounded up as Kubernetes does; undefined when `text` is not a quantity. */
export function quantityValue(text: string): bigint | undefined {
  const fraction = parse(text);
  return fraction === undefined ? undefined : roundUp(fraction);
}

/** Thousandths, rounded up; undefined when `text` is not a quantity. */
export function quantityMilli(text: string): bigint | undefined {
  const fraction = parse(text);
  return fraction === undefined ? undefined : roundUp({ ...fraction, numerator: fraction.numerator * 1000n });
}
