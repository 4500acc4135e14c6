// Writes a codec beside every contract under proto/: for NAME.proto a static protobufjs module NAME.gen.js with its types in
// NAME.gen.d.ts. Run by `make generate`; `make check-generated` fails when a committed file differs.

import { globSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import protobuf from "protobufjs";
import pbjs from "protobufjs-cli/pbjs.js";

const PROTO = resolve(import.meta.dirname, "..", "proto");

/** What is left out has no use in a daemon and costs memory. */
const TRIMMED = ["create", "verify", "convert", "delimited", "typeurl", "comments", "service", "beautify"];

function staticModule(file: string, rootName: string): Promise<string> {
  const options = ["-t", "static-module", "-w", "esm", "-r", rootName, ...TRIMMED.map((part) => `--no-${part}`)];
  return new Promise((done, fail) => {
    pbjs.main([...options, file], (error: Error | null, text?: string) => {
      if (error !== null) fail(error);
      else done(text ?? "");
    });
  });
}

function lowerFirst(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

interface Contract {
  readonly package: string;
  readonly messages: readonly string[];
  readonly services: readonly protobuf.Service[];
}

function readContract(file: string): Contract {
  const parsed = protobuf.parse(readFileSync(file, "utf8"));
  const name = parsed.package ?? "";
  const { nestedArray } = parsed.root.lookup(name) as protobuf.Namespace;
  return {
    package: name,
    messages: nestedArray.filter((item) => item instanceof protobuf.Type).map((type) => type.name),
    services: nestedArray.filter((item) => item instanceof protobuf.Service),
  };
}

/** The methods of a service as @grpc/grpc-js takes them, but for the functions. */
function methodTable(contract: Contract, service: protobuf.Service): Record<string, object> {
  return Object.fromEntries(
    service.methodsArray.map((method) => [
      lowerFirst(method.name),
      {
        path: `/${contract.package}.${service.name}/${method.name}`,
        request: method.requestType,
        response: method.responseType,
        requestStream: method.requestStream === true,
        responseStream: method.responseStream === true,
      },
    ]),
  );
}

for (const file of globSync(join(PROTO, "**/*.proto")).toSorted()) {
  const contract = readContract(file);
  const source = basename(file);
  const target = file.replace(/\.proto$/, ".gen");
  const header = `// Generated from ${source} by scripts/gen-codecs.ts. Do not edit.\n`;
  const tables = contract.services.map(
    (service) => `  ${service.name}: ${JSON.stringify(methodTable(contract, service), undefined, 2)},`,
  );
  const code = await staticModule(file, contract.package);
  writeFileSync(
    `${target}.js`,
    [
      header + code.replaceAll(/^[ \t]+/gm, "").trim(),
      "export const messages = {",
      ...contract.messages.map((name) => `  ${name}: $root.${contract.package}.${name},`),
      "};",
      `export const services = {\n${tables.join("\n")}\n};`,
      "",
    ].join("\n"),
  );
  writeFileSync(
    `${target}.d.ts`,
    [
      header,
      `import type { MessageCodec, ServiceTable } from "../wire.ts";`,
      "",
      "export declare const messages: {",
      ...contract.messages.map((name) => `  readonly ${name}: MessageCodec;`),
      "};",
      "export declare const services: {",
      ...contract.services.map((service) => `  readonly ${service.name}: ServiceTable;`),
      "};",
      "",
    ].join("\n"),
  );
}
