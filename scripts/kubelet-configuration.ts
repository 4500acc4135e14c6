// docs/kubelet-configuration.md: every field of KubeletConfiguration, and what holds of it here.
//
//     node scripts/kubelet-configuration.ts [--check]
//
// The fields come from the table that files and flags are read by (agent/config/kubelet/fields.ts), what holds from the calls of
// `setting` in tests. A field that is said to have an effect and that no test shows is an error, and the other way round.

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import type { Field } from "../agent/config/kubelet/field.ts";
import { FIELDS } from "../agent/config/kubelet/fields.ts";
import { registrations, type Registration } from "./pod-fields.ts";

const root = resolve(import.meta.dirname, "..");
const DOCUMENT = "docs/kubelet-configuration.md";
const TESTS = "test/{unit,integration,vm,conformance}/**/*.{test,cases}.ts";
/** Tests of this script. */
const NOT = "test/unit/scripts/**";

interface Row {
  readonly path: string;
  readonly field: Field;
  readonly holds: string;
  readonly files: string;
}

/** The rows of the table, and what is wrong with them. */
export function table(
  fields: Readonly<Record<string, Field>>,
  found: readonly Registration[],
): { readonly rows: readonly Row[]; readonly problems: string[] } {
  const problems: string[] = [];
  for (const { paths, file } of found)
    for (const path of paths) if (!Object.hasOwn(fields, path)) problems.push(`${path}: no such field, in ${file}`);
  const rows = Object.entries(fields).map(([path, field]) => {
    const shown = found.filter(({ paths }) => paths.includes(path));
    if (field.without === undefined && shown.length === 0)
      problems.push(`${path}: no test shows its effect; say \`without: "effect"\` in fields.ts if it has none yet`);
    if (field.without !== undefined && shown.length > 0)
      problems.push(`${path}: ${shown[0]?.file} shows its effect; take \`without\` from it in fields.ts`);
    const holds = [...new Set(shown.map((registration) => registration.holds))].join("; ");
    const files = [...new Set(shown.map(({ file }) => file.replace("test/", "")))].join(", ");
    return { path, field, holds, files };
  });
  return { rows, problems };
}

const HEAD = `<!-- Written by scripts/kubelet-configuration.ts. -->

# KubeletConfiguration

Every field of KubeletConfiguration, \`kubelet.config.k8s.io/v1beta1\`, as of Kubernetes 1.36. All are read from the file of \`--config\`, from the
drop-ins of \`--config-dir\` (\`*.conf\`, those of subdirectories too, in the order of their names, merged as RFC 7386 has it over the file
with its defaults) and from flags, which go before both; all are checked by Kubernetes' rules. An unknown field, and a value that cannot be, is
an error with file, line and field, and the agent does not start. Relative paths are relative to the file they stand in.

A field with a test beside it has an effect, which the test shows (below test/). One without is read and checked, and does nothing yet: the log says so
at the start where it is set. Defaults are Kubernetes' for the file, also where nothing but flags is given; kubelet itself is more
open then: it lets anonymous users do everything.

`;

export function document(rows: readonly Row[]): string {
  const cell = (text: string): string => text.replaceAll("|", "\\|");
  const effective = rows.filter(({ field }) => field.without === undefined).length;
  const lines = rows.map(({ path, field, holds, files }) => {
    const fallback = field.default === undefined ? "" : `\`${JSON.stringify(field.default)}\``;
    const flag = field.flag === undefined ? "" : `\`--${field.flag}\``;
    const said = field.without === undefined ? holds : "no effect yet";
    return `| \`${path}\` | ${flag} | ${cell(fallback)} | ${cell(field.help)} | ${cell(said)} | ${files} |`;
  });
  return `${HEAD}${effective} of ${rows.length} fields have an effect.

| field | flag | default | what it is for | what holds | test |
| --- | --- | --- | --- | --- | --- |
${lines.join("\n")}
`;
}

if (import.meta.main) {
  const files = globSync(TESTS, { cwd: root, exclude: [NOT] }).toSorted();
  const found = files.flatMap((file) => registrations(readFileSync(join(root, file), "utf8"), file, "setting"));
  const { rows, problems } = table(FIELDS, found);
  for (const problem of problems) console.error(`kubelet-configuration: ${problem}`);
  const text = document(rows);
  const path = join(root, DOCUMENT);
  if (problems.length > 0) {
    process.exitCode = 1;
  } else if (process.argv.includes("--check")) {
    if (readFileSync(path, "utf8") !== text) {
      console.error(`kubelet-configuration: ${DOCUMENT} is out of date: run \`make generate\` and commit it`);
      process.exitCode = 1;
    }
  } else {
    writeFileSync(path, text);
  }
}
