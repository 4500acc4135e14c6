import { readFileSync } from "node:fs";
import { join } from "node:path";

import protobuf from "protobufjs";
import t from "tap";

import { packageRoot } from "../../../agent/base/paths.ts";
import { messages, services } from "../../../proto/cri/runtime.gen.js";
import { decodeMessage, encodeMessage, prepare, wireService } from "../../../proto/wire.ts";

prepare(messages);

/** A second reader and writer of the same contract, which knows nothing of the generated code. */
const reflected = protobuf.parse(readFileSync(join(packageRoot(), "proto/cri/runtime.proto"), "utf8")).root;
function reference(name: string): protobuf.Type {
  return reflected.lookupType(`runtime.v1.${name}`);
}

const EXTREMES = [0n, 1n, -1n, 127n, 128n, 2n ** 53n + 1n, -(2n ** 53n) - 1n, 2n ** 63n - 1n, -(2n ** 63n)];

t.test("64-bit integers are exact, both ways", async (t) => {
  for (const value of EXTREMES) {
    const bytes = encodeMessage(messages.ContainerStatus, { id: "c", createdAt: value });
    t.equal((decodeMessage(messages.ContainerStatus, bytes) as { createdAt?: bigint }).createdAt, value);
    const read = reference("ContainerStatus").toObject(reference("ContainerStatus").decode(bytes), { longs: String });
    t.equal(BigInt(String(read["createdAt"] ?? 0)), value, `${value} as another reader sees it`);
  }
  t.match(
    decodeMessage(
      messages.LinuxContainerSecurityContext,
      encodeMessage(messages.LinuxContainerSecurityContext, { supplementalGroups: EXTREMES }),
    ),
    { supplementalGroups: EXTREMES },
    "packed",
  );
  const unsigned = { value: 2n ** 64n - 1n };
  t.match(decodeMessage(messages.UInt64Value, encodeMessage(messages.UInt64Value, unsigned)), unsigned);
});

t.test("a number where a bigint belongs is refused, not written as something else", async (t) => {
  t.throws(() => encodeMessage(messages.ContainerStatus, { createdAt: 1 }), { name: "TypeError", message: /bigint/ });
});

t.test("an absent field stays absent", async (t) => {
  const decoded = decodeMessage(messages.PodSandboxConfig, Buffer.alloc(0)) as Record<string, unknown>;
  for (const field of ["metadata", "linux", "hostname", "dnsConfig"]) t.equal(decoded[field], undefined, field);
  const status = decodeMessage(messages.ContainerStatus, Buffer.alloc(0)) as Record<string, unknown>;
  t.equal(status["createdAt"], undefined);
});

t.test("fields of a later contract are passed over", async (t) => {
  const later = protobuf.Writer.create()
    .uint32((1 << 3) | 2)
    .string("sandbox")
    .uint32((1000 << 3) | 2)
    .string("unknown")
    .uint32((1001 << 3) | 0)
    .uint64(7)
    .finish();
  t.same(Object.entries(decodeMessage(messages.StopPodSandboxRequest, later)), [["podSandboxId", "sandbox"]]);
});

t.test("the keys of a map are only keys", async (t) => {
  const labels = JSON.parse(
    '{ "__proto__": "polluted", "constructor": "c", "toString": "s", "hasOwnProperty": "h" }',
  ) as Record<string, string>;
  const bytes = reference("PodSandboxConfig").encode({ labels }).finish();
  const decoded = decodeMessage(messages.PodSandboxConfig, bytes) as { labels: Record<string, string> };
  t.same(Object.keys(decoded.labels).toSorted(), Object.keys(labels).toSorted());
  t.equal(({} as { polluted?: string }).polluted, undefined);
  t.equal(Object.getPrototypeOf({}), Object.prototype);
  const again = decodeMessage(
    messages.PodSandboxConfig,
    encodeMessage(messages.PodSandboxConfig, decoded),
  ) as typeof decoded;
  t.same(Object.entries(again.labels), Object.entries(decoded.labels));
});

t.test("bytes that are no message are refused", async (t) => {
  for (const [what, bytes] of [
    ["cut in a string", [0x0a, 0x05, 0x61]],
    ["cut in a number", [0x20, 0xff]],
    ["a number of 11 bytes", [0x20, ...Array.from({ length: 10 }, () => 0xff), 0x01]],
    ["a string that is no UTF-8", [0x0a, 0x02, 0xc3, 0x28]],
    ["a group that never ends", [0x0b]],
  ] as const) {
    t.throws(() => decodeMessage(messages.ContainerStatus, Buffer.from(bytes)), what);
  }
});

t.test("random messages read the same in both implementations", async (t) => {
  let seed = Number(process.env["NODELET_SEED"] ?? Math.floor(Math.random() * 2 ** 31));
  t.comment(`NODELET_SEED=${seed}`);
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((seed / 0x80000000) * below);
  };
  /** Never a zero, which is not sent. */
  const value = (field: protobuf.Field, depth: number): unknown => {
    field.resolve();
    if (field.resolvedType instanceof protobuf.Enum) return 1 + random(2);
    if (field.resolvedType instanceof protobuf.Type) return fill(field.resolvedType, depth + 1);
    switch (field.type) {
      case "string":
        return "x".repeat(random(20)) + String.fromCodePoint(0x20 + random(0x3000));
      case "bool":
        return true;
      case "bytes":
        return Buffer.from(Array.from({ length: 1 + random(5) }, () => random(256)));
      case "int64":
        return EXTREMES[1 + random(EXTREMES.length - 1)];
      case "uint64":
        return BigInt.asUintN(64, EXTREMES[1 + random(EXTREMES.length - 1)] ?? 0n);
      case "double":
        return (1 + random(1_000)) / 7;
      default:
        return 1 + random(2 ** 31 - 1);
    }
  };
  const fill = (type: protobuf.Type, depth: number): Record<string, unknown> => {
    const filled: Record<string, unknown> = {};
    for (const field of type.fieldsArray) {
      if (random(3) === 0 || (depth > 3 && field.resolve().resolvedType instanceof protobuf.Type)) continue;
      const count = 1 + random(3);
      if (field instanceof protobuf.MapField)
        filled[field.name] = Object.fromEntries(
          Array.from({ length: count }, (_, index) => [`k${index}`, value(field, depth)]),
        );
      else if (field.repeated) filled[field.name] = Array.from({ length: count }, () => value(field, depth));
      else filled[field.name] = value(field, depth);
    }
    return filled;
  };
  for (const [name, codec] of Object.entries(messages)) {
    const type = reference(name);
    const asTheySee = (bytes: Uint8Array): object =>
      type.toObject(type.decode(bytes), { longs: String, defaults: true });
    for (let round = 0; round < 3; round++) {
      const message = fill(type, 0);
      const bytes = encodeMessage(codec, message);
      t.same(asTheySee(encodeMessage(codec, decodeMessage(codec, bytes))), asTheySee(bytes), name);
      t.match(decodeMessage(codec, bytes), message, name);
    }
  }
});

t.test("every method of the contract is in the table", async (t) => {
  const runtime = wireService(messages, services.RuntimeService);
  const image = wireService(messages, services.ImageService);
  t.equal(Object.keys(runtime).length + Object.keys(image).length, 43);
  t.match(runtime["getContainerEvents"], {
    path: "/runtime.v1.RuntimeService/GetContainerEvents",
    requestStream: false,
    responseStream: true,
  });
});
