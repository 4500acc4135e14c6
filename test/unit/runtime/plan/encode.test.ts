import t from "tap";

import { decodeResults, encodePlan } from "../../../../agent/runtime/plan/encode.ts";
import { ACTORS, NO_REG, OPERATIONS, TOLERANCES, type Step } from "../../../../agent/runtime/plan/operations.ts";

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString("hex");
const HEADER = "4e444c50" + "0100";

t.test("a plan without steps", async (t) => {
  t.equal(hex(encodePlan({ steps: [] })), `${HEADER}0000`);
});

t.test("every kind of argument", async (t) => {
  const steps: Step[] = [
    {
      op: "open",
      actor: "host",
      args: { out: 3, at: NO_REG, path: "/é", flags: -2, mode: 0o644, resolve: 2 ** 40 },
      cause: "not encoded",
    },
    { op: "exec", actor: "inside", args: { argv: ["a", ""], env: [] }, cause: "", tolerate: "denied" },
    { op: "write", actor: "child", args: { at: 255, path: "", data: Uint8Array.of(0, 1), flags: 0 }, cause: "" },
  ];
  t.equal(
    hex(encodePlan({ steps })),
    [
      `${HEADER}0300`,
      "0100" + "00" + "00" + "24000000",
      "0300" + "ffff" + "03000000" + "2fc3a9" + "00",
      "feffffffffffffff" + "a401000000000000" + "0000000000010000",
      "4700" + "03" + "02" + "13000000",
      "02000000" + "01000000" + "6100" + "00000000" + "00" + "00000000",
      "0800" + "02" + "00" + "16000000",
      "ff00" + "00000000" + "00" + "02000000" + "0001" + "00" + "0000000000000000",
    ].join(""),
  );
});

t.test("every operation, actor and tolerance", async (t) => {
  for (const [name, operation] of Object.entries(OPERATIONS)) {
    const args = Object.fromEntries(
      Object.entries(operation.args).map(([arg, kind]) => [
        arg,
        { int: 1, reg: 2, out: 3, str: "x", list: ["y"], bytes: new Uint8Array(1) }[kind],
      ]),
    );
    for (const [actor, actorName] of ACTORS.entries()) {
      for (const [tolerance, tolerate] of TOLERANCES.entries()) {
        const step = { op: name, actor: actorName, args, tolerate, cause: "" } as unknown as Step;
        const bytes = Buffer.from(encodePlan({ steps: [step] }));
        t.equal(bytes.readUInt16LE(8), operation.code);
        t.same([...bytes.subarray(10, 12)], [actor, tolerance]);
        t.equal(bytes.readUInt32LE(12), bytes.length - 16);
      }
    }
  }
});

t.test("more than the first buffer holds", async (t) => {
  const path = "x".repeat(10_000);
  const steps = Array.from({ length: 50 }, (): Step => ({
    op: "umount",
    actor: "host",
    args: { path, flags: 2 },
    cause: "",
  }));
  const bytes = Buffer.from(encodePlan({ steps }));
  t.equal(bytes.length, 8 + 50 * (8 + 4 + 10_001 + 8));
  t.ok(
    bytes
      .subarray(bytes.length - 10_009 - 4)
      .toString("latin1")
      .includes(path),
  );
});

t.test("what cannot be encoded names its place", async (t) => {
  const refused = (step: unknown): (() => void) => {
    const good: Step = { op: "setsid", actor: "host", args: {}, cause: "" };
    return () => encodePlan({ steps: [good, step as Step] });
  };
  const umount = (path: unknown, flags: unknown): unknown => ({ op: "umount", actor: "host", args: { path, flags } });
  t.throws(refused(umount("a\0b", 0)), /step 1 \(umount\), argument path: a string with a NUL/);
  t.throws(refused(umount(7, 0)), /argument path: not a string/);
  t.throws(refused(umount("/", 1.5)), /argument flags: not a safe integer: 1.5/);
  t.throws(refused(umount("/", 2 ** 53)), /argument flags: not a safe integer/);
  t.throws(refused(umount("/", undefined)), /argument flags: not a safe integer: undefined/);
  for (const reg of [-2, 256, 0.5, undefined]) {
    t.throws(refused({ op: "close", actor: "host", args: { reg } }), /argument reg: not a register/);
  }
  t.throws(refused({ op: "exec", actor: "host", args: { argv: "ls", env: [] } }), /argument argv: not a list/);
  t.throws(
    refused({ op: "exec", actor: "host", args: { argv: ["ls", "\0"], env: [] } }),
    /argument argv: a string with a NUL/,
  );
  t.throws(refused({ op: "seccomp", actor: "host", args: { filter: "x", flags: 0 } }), /argument filter: not bytes/);
  const many = Array.from({ length: 65_536 }, (): Step => ({ op: "setsid", actor: "host", args: {}, cause: "" }));
  t.throws(() => encodePlan({ steps: many }), /at most 65535 steps: it has 65536/);
});

t.test("results", async (t) => {
  const bytes = Buffer.alloc(2 + 2 * 20 + 1);
  bytes.writeUInt16LE(2, 0);
  bytes.writeInt32LE(0, 2);
  bytes.writeBigUInt64LE(12_345_678_901_234n, 6);
  bytes.writeBigUInt64LE(99n, 14);
  bytes.writeInt32LE(13, 22);
  t.same(decodeResults(bytes), [
    { errno: 0, startedNs: 12_345_678_901_234n, durationNs: 99n },
    { errno: 13, startedNs: 0n, durationNs: 0n },
  ]);
  t.same(decodeResults(Buffer.alloc(2)), []);
  t.throws(() => decodeResults(bytes.subarray(0, 41)), RangeError);
  t.throws(() => decodeResults(Buffer.alloc(0)), RangeError);
});
