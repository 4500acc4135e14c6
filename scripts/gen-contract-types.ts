// Writes the TypeScript types of the contracts under proto/ where they are used.
// Run by `make generate`; `make check-generated` fails when a committed file differs.

import { readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import protobuf from "protobufjs";

const ROOT = resolve(import.meta.dirname, "..");

/** Each with the file that its types go to, and how that comes by CallOptions. */
const CONTRACTS: readonly { source: string; target: string; callOptions: readonly string[] }[] = [
  {
    source: "proto/cri/runtime.proto",
    target: "agent/cri/types.gen.ts",
    callOptions: [
      "/** What every call takes beside its request. */",
      "export interface CallOptions {",
      "  /** Aborting gives the call up; what it had acquired is undone. */",
      "  signal?: AbortSignal | undefined;",
      "}",
    ],
  },
  {
    source: "proto/deviceplugins/deviceplugin.proto",
    target: "deviceplugins/deviceplugin.gen.ts",
    callOptions: [`import type { CallOptions } from "../agent/cri/types.gen.ts";`],
  },
  {
    source: "proto/deviceplugins/podresources.proto",
    target: "deviceplugins/podresources.gen.ts",
    callOptions: [`import type { CallOptions } from "../agent/cri/types.gen.ts";`],
  },
];

/** TypeScript type of a protobuf scalar. 64-bit integers are bigint: nanosecond timestamps exceed 2^53. */
const SCALARS: Readonly<Record<string, string>> = {
  string: "string",
  bool: "boolean",
  bytes: "Uint8Array",
  int32: "number",
  uint32: "number",
  int64: "bigint",
  uint64: "bigint",
  double: "number",
  float: "number",
};

function typeName(reflected: protobuf.ReflectionObject): string {
  const parent = reflected.parent;
  return parent instanceof protobuf.Type ? `${typeName(parent)}_${reflected.name}` : reflected.name;
}

function fieldType(field: protobuf.Field): string {
  const scalar = SCALARS[field.type];
  field.resolve();
  const single = scalar ?? typeName(field.resolvedType as protobuf.ReflectionObject);
  if (field instanceof protobuf.MapField) return `Record<string, ${single}>`;
  return field.repeated ? `${single}[]` : single;
}

function writeEnum(out: string[], reflected: protobuf.Enum): void {
  const name = typeName(reflected);
  out.push(`export const ${name} = {`);
  for (const [key, value] of Object.entries(reflected.values)) out.push(`  ${key}: ${value},`);
  out.push(`} as const;`, `export type ${name} = (typeof ${name})[keyof typeof ${name}];`, "");
}

function writeMessage(out: string[], reflected: protobuf.Type): void {
  for (const nested of reflected.nestedArray) {
    if (nested instanceof protobuf.Enum) writeEnum(out, nested);
    if (nested instanceof protobuf.Type) writeMessage(out, nested);
  }
  out.push(`export interface ${typeName(reflected)} {`);
  for (const field of reflected.fieldsArray) out.push(`  ${field.name}?: ${fieldType(field)} | undefined;`);
  out.push(`}`, "");
}

function writeService(out: string[], reflected: protobuf.Service): void {
  out.push(`export interface ${reflected.name} {`);
  for (const method of reflected.methodsArray) {
    const result =
      method.responseStream === true ? `AsyncIterable<${method.responseType}>` : `Promise<${method.responseType}>`;
    const name = method.name.charAt(0).toLowerCase() + method.name.slice(1);
    out.push(`  ${name}(request: ${method.requestType}, options?: CallOptions): ${result};`);
  }
  out.push(`}`, "");
}

for (const { source, target, callOptions } of CONTRACTS) {
  const parsed = protobuf.parse(readFileSync(join(ROOT, source), "utf8"), { keepCase: false });
  parsed.root.resolveAll();
  const out: string[] = [
    `// Generated from ${source} by scripts/gen-contract-types.ts. Do not edit.`,
    "// A missing field is the protobuf default; 64-bit integers are bigint.",
    "",
    ...callOptions,
    "",
  ];
  for (const reflected of (parsed.root.lookup(parsed.package ?? "") as protobuf.Namespace).nestedArray) {
    if (reflected instanceof protobuf.Enum) writeEnum(out, reflected);
    else if (reflected instanceof protobuf.Service) writeService(out, reflected);
    else if (reflected instanceof protobuf.Type) writeMessage(out, reflected);
  }
  writeFileSync(join(ROOT, target), out.join("\n"));
}
