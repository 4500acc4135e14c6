import t from "tap";

import { deviceProgram } from "../../../../agent/runtime/oci/device-program.ts";
import type { OciDeviceRule } from "../../../../agent/runtime/oci/types.ts";

const ACCESS: Readonly<Record<string, number>> = { m: 1, r: 2, w: 4 };

/** Interprets the instructions that the compiler emits, as the kernel would. */
function allowed(
  rules: readonly OciDeviceRule[],
  type: "b" | "c",
  major: number,
  minor: number,
  access: string,
): boolean {
  const program = Buffer.from(deviceProgram(rules));
  const bits = [...access].reduce((sum, letter) => sum | (ACCESS[letter] ?? 0), 0);
  const context = new Map([
    [0, (bits << 16) | (type === "b" ? 1 : 2)],
    [4, major],
    [8, minor],
  ]);
  const registers = Array.from({ length: 11 }, () => 0);
  for (let at = 0; at < program.length; at += 8) {
    const code = program.readUInt8(at);
    const dst = program.readUInt8(at + 1) & 15;
    const src = program.readUInt8(at + 1) >> 4;
    const offset = program.readInt16LE(at + 2);
    const immediate = program.readInt32LE(at + 4);
    const left = registers[dst] ?? 0;
    const right = registers[src] ?? 0;
    if (code === 0x61) registers[dst] = context.get(offset) ?? -1;
    else if (code === 0x54) registers[dst] = left & immediate;
    else if (code === 0x74) registers[dst] = left >>> immediate;
    else if (code === 0xbc) registers[dst] = right;
    else if (code === 0xb4) registers[dst] = immediate;
    else if (code === 0x15) at += left === immediate ? offset * 8 : 0;
    else if (code === 0x55) at += left !== immediate ? offset * 8 : 0;
    else if (code === 0x5d) at += left !== right ? offset * 8 : 0;
    else if (code === 0x95) return registers[0] === 1;
    else throw new Error(`unexpected instruction ${code}`);
  }
  throw new Error("the program does not end");
}

t.test("no rule denies, the last matching rule decides", async (t) => {
  t.equal(allowed([], "c", 1, 3, "r"), false);
  const rules: OciDeviceRule[] = [
    { allow: false, access: "rwm" },
    { allow: true, type: "c", access: "m" },
    { allow: true, type: "c", major: 1, minor: 3, access: "rwm" },
    { allow: true, type: "c", major: 136, access: "rw" },
    { allow: false, type: "c", major: 136, minor: 7, access: "w" },
  ];
  t.equal(allowed(rules, "c", 1, 3, "rw"), true);
  t.equal(allowed(rules, "c", 1, 5, "r"), false);
  t.equal(allowed(rules, "c", 1, 5, "m"), true);
  t.equal(allowed(rules, "b", 8, 0, "m"), false);
  t.equal(allowed(rules, "c", 136, 9, "rw"), true);
  t.equal(allowed(rules, "c", 136, 9, "rwm"), false);
  t.equal(allowed(rules, "c", 136, 7, "r"), true);
  t.equal(allowed(rules, "c", 136, 7, "rw"), false);
});

t.test("a rule without type, number and access allows everything", async (t) => {
  t.equal(allowed([{ allow: true }], "b", 259, 4095, "rwm"), true);
});
