// Versions of the CNI specification: "MAJOR.MINOR.PATCH".

/** The newest that is spoken here. */
export const NEWEST = "1.1.0";
/** What an absent version means (SPEC.md, "Version considerations", and libcni). */
export const OLDEST = "0.1.0";
/** From which on CHECK exists, and DEL gets the previous result. */
export const WITH_CHECK = "0.4.0";
/** From which on STATUS and GC exist. */
export const WITH_STATUS_AND_GC = "1.1.0";

const PATTERN = /^(\d{1,6})(?:\.(\d{1,6})(?:\.(\d{1,6}))?)?$/;

export function isVersion(text: string): boolean {
  return text === "" || PATTERN.test(text);
}

/** Negative when `a` is the older one. Both have to be versions. */
export function compareVersions(a: string, b: string): number {
  const [left, right] = [parts(a), parts(b)];
  for (const [index, number] of left.entries()) {
    const difference = number - (right[index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

export function atLeast(version: string, other: string): boolean {
  return compareVersions(version, other) >= 0;
}

function parts(version: string): number[] {
  const match = PATTERN.exec(version === "" ? OLDEST : version);
  if (match === null) throw new TypeError(`${JSON.stringify(version)} is no version of CNI`);
  return match.slice(1).map((part: string | undefined) => Number(part ?? 0));
}
