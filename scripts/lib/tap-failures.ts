// What of a test program's output tells why it failed.

const RESULT = /^(not ok|ok)\b/;
const SUBTEST = /^# Subtest/;
const PASSED_POINT = /^\s*ok \d+/;
const FAILED_POINT = /^not ok \d+ - (.*?)(?: # time=\S+)?(?: \{)?$/;

/** The top-level tests that failed, without the points in them that passed; what stands outside of tests is kept. */
export function failedParts(output: string): string {
  const kept: string[] = [];
  let block: string[] = [];
  let after = false;
  let failed = false;
  const close = (): void => {
    if (failed || !after) kept.push(...block.filter((line) => !PASSED_POINT.test(line)));
    block = [];
    after = false;
    failed = false;
  };
  for (const line of output.split("\n")) {
    if (SUBTEST.test(line) || (after && RESULT.test(line))) close();
    const result = RESULT.exec(line)?.[1];
    if (result !== undefined) {
      after = true;
      failed = result === "not ok";
    }
    block.push(line);
  }
  close();
  return kept
    .join("\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}

/** The names of the top-level tests that failed. */
export function failedNames(output: string): readonly string[] {
  return output.split("\n").flatMap((line) => FAILED_POINT.exec(line)?.[1] ?? []);
}
