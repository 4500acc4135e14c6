// Writes native/shim/operations.gen.h from the table of launch plan operations.
// Run by `make generate`; `make check-generated` fails when the committed file differs.

import { writeFileSync } from "node:fs";

import { ACTORS, OPERATIONS, REGISTER_COUNT, TOLERANCES } from "../agent/runtime/plan/operations.ts";

const TARGET = new URL("../native/shim/operations.gen.h", import.meta.url);

const operations = Object.entries(OPERATIONS).toSorted(([, a], [, b]) => a.code - b.code);
const codes = new Set(operations.map(([, operation]) => operation.code));
if (codes.size !== operations.length) throw new Error("two operations share a code");

const lines = [
  "/* Generated from agent/runtime/plan/operations.ts by scripts/gen-operations.ts. Do not edit. */",
  "#ifndef NODELET_OPERATIONS_H",
  "#define NODELET_OPERATIONS_H",
  "",
  `#define OP_MAX ${Math.max(...codes)}`,
  `#define OP_ARGUMENTS_MAX ${Math.max(...operations.map(([, operation]) => Object.keys(operation.args).length))}`,
  `#define REGISTER_COUNT ${REGISTER_COUNT}`,
  "",
  "enum op_code {",
  ...operations.map(([name, operation]) => `  OP_${name.toUpperCase()} = ${operation.code},`),
  "};",
  "",
  "enum actor {",
  ...ACTORS.map((actor, index) => `  ACTOR_${actor.toUpperCase()} = ${index},`),
  "};",
  "",
  "enum tolerance {",
  ...TOLERANCES.map((tolerance, index) => `  TOLERATE_${tolerance.toUpperCase()} = ${index},`),
  "};",
  "",
  "/* Argument kinds, a letter each: i int, r reg, o out, s str, l list, b bytes. */",
  "struct op_signature {",
  "  const char *name;",
  "  const char *args;",
  "};",
  "",
  "static const struct op_signature op_signatures[OP_MAX + 1] __attribute__((unused)) = {",
  ...operations.map(([name, operation]) => {
    const args = Object.values(operation.args)
      .map((kind) => kind[0])
      .join("");
    return `  [${operation.code}] = {"${name}", "${args}"},`;
  }),
  "};",
  "",
  "/* Every operation, for tables that must not forget one: X(its code, its name). */",
  "#define FOR_EACH_OPERATION(X) \\",
  operations.map(([name]) => `  X(OP_${name.toUpperCase()}, ${name})`).join(" \\\n"),
  "",
  "/* Positions of the arguments. */",
  ...operations.flatMap(([name, operation]) =>
    Object.keys(operation.args).map((arg, index) => `#define ${name.toUpperCase()}_${arg.toUpperCase()} ${index}`),
  ),
  "",
  "#endif",
  "",
];
writeFileSync(TARGET, lines.join("\n"));
