import { test } from "tap";
import { compileProfile, parseProfile, seccompFlags } from "../../../agent/system/seccomp.ts";

const profile = (value: unknown): ReturnType<typeof parseProfile> => parseProfile(JSON.stringify(value));
const rule = (args: unknown): unknown => ({
  defaultAction: "SCMP_ACT_ERRNO",
  syscalls: [{ names: ["read"], action: "SCMP_ACT_ALLOW", args }],
});

test("actions carry their number", async (t) => {
  t.equal(profile({ defaultAction: "SCMP_ACT_ALLOW" }).defaultAction, 0x7fff0000);
  t.equal(profile({ defaultAction: "SCMP_ACT_ERRNO" }).defaultAction, 0x00050001, "EPERM unless said");
  t.equal(profile({ defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 38 }).defaultAction, 0x00050026);
  t.equal(profile({ defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 0 }).defaultAction, 0x00050000);
  t.equal(profile({ defaultAction: "SCMP_ACT_KILL_PROCESS" }).defaultAction, 0x80000000);
});

test("flags, and architectures that this machine can run", async (t) => {
  const flags = ["SECCOMP_FILTER_FLAG_LOG", "SECCOMP_FILTER_FLAG_SPEC_ALLOW"];
  t.equal(seccompFlags(JSON.stringify({ defaultAction: "SCMP_ACT_ALLOW", flags })), 6);
  t.strictSame(profile({ defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_S390X"] }).architectures, []);
});

test("conditions on one argument are alternatives, on several all must hold", async (t) => {
  const args = [
    { index: 0, value: 1, op: "SCMP_CMP_EQ" },
    { index: 1, value: 2, valueTwo: 3, op: "SCMP_CMP_MASKED_EQ" },
  ];
  t.strictSame(
    profile(rule(args)).rules.map((one) => one.conditions.length),
    [2],
  );
  const same = [
    { index: 0, value: 1, op: "SCMP_CMP_EQ" },
    { index: 0, value: 2, op: "SCMP_CMP_EQ" },
  ];
  t.strictSame(
    profile(rule(same)).rules.map((one) => one.conditions.length),
    [1, 1],
  );
});

test("values of 64 bits are whole", async (t) => {
  const text = `{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],"action":"SCMP_ACT_ERRNO",
    "args":[{"index":0,"value":18446744073709551615,"op":"SCMP_CMP_EQ"},{"index":1,"value":9007199254740993,"op":"SCMP_CMP_EQ"}]}]}`;
  t.strictSame(
    parseProfile(text).rules[0]?.conditions.map((condition) => condition.value),
    [18446744073709551615n, 9007199254740993n],
  );
});

test("what is not understood fails, naming the field", async (t) => {
  const cases: [unknown, string][] = [
    [{}, "linux.seccomp.defaultAction"],
    [{ defaultAction: "" }, "linux.seccomp.defaultAction"],
    [{ defaultAction: "SCMP_ACT_PERHAPS" }, "linux.seccomp.defaultAction"],
    [{ defaultAction: "toString" }, "linux.seccomp.defaultAction"],
    [{ defaultAction: "SCMP_ACT_ALLOW", defaultErrnoRet: 3 }, "linux.seccomp.defaultAction: errnoRet"],
    [{ defaultAction: "SCMP_ACT_ERRNO", defaultErrnoRet: 65536 }, "linux.seccomp.defaultAction: errnoRet"],
    [{ defaultAction: "SCMP_ACT_ALLOW", architectures: ["SCMP_ARCH_VAX"] }, "linux.seccomp.architectures[0]"],
    [{ defaultAction: "SCMP_ACT_ALLOW", flags: ["SECCOMP_FILTER_FLAG_NEW"] }, "linux.seccomp.flags[0]"],
    [{ defaultAction: "SCMP_ACT_ALLOW", syscalls: {} }, "linux.seccomp.syscalls"],
    [
      { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: [], action: "SCMP_ACT_ERRNO" }] },
      "linux.seccomp.syscalls[0].names",
    ],
    [
      { defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: [3], action: "SCMP_ACT_ERRNO" }] },
      "linux.seccomp.syscalls[0].names[0]",
    ],
    [{ defaultAction: "SCMP_ACT_ALLOW", syscalls: [{ names: ["read"] }] }, "linux.seccomp.syscalls[0].action"],
    [rule([{ index: 6, value: 1, op: "SCMP_CMP_EQ" }]), "linux.seccomp.syscalls[0].args[0].index"],
    [rule([{ index: 0, value: -1, op: "SCMP_CMP_EQ" }]), "linux.seccomp.syscalls[0].args[0].value"],
    [rule([{ index: 0, value: 1.5, op: "SCMP_CMP_EQ" }]), "linux.seccomp.syscalls[0].args[0].value"],
    [rule([{ index: 0, value: 1, op: "==" }]), "linux.seccomp.syscalls[0].args[0].op"],
    [null, "linux.seccomp"],
    [[], "linux.seccomp"],
  ];
  for (const [value, where] of cases) t.throws(() => profile(value), { code: "invalid", where }, JSON.stringify(value));
  t.throws(() => parseProfile(""), { code: "invalid", where: "linux.seccomp" });
  t.throws(() => profile({ defaultAction: "SCMP_ACT_NOTIFY" }), { code: "unsupported" });
});

test("a profile is compiled once; names that are unknown and rules like the default are left out", async (t) => {
  const calls: { action: number; rules: bigint[] }[] = [];
  const native = {
    compileSeccomp: (action: number, _architectures: readonly number[], rules: BigUint64Array): Uint8Array => {
      calls.push({ action, rules: [...rules] });
      return Buffer.alloc(8, calls.length);
    },
    resolveSyscall: (_architecture: number, name: string): number | undefined =>
      new Map([
        ["read", 0],
        ["socketcall", -101],
      ]).get(name),
  };
  const text = JSON.stringify({
    defaultAction: "SCMP_ACT_LOG",
    syscalls: [
      { names: ["read", "not_a_system_call", "socketcall"], action: "SCMP_ACT_ERRNO", errnoRet: 2 },
      { names: ["read"], action: "SCMP_ACT_LOG" },
    ],
  });
  t.strictSame(compileProfile(native, text), Buffer.alloc(8, 1));
  t.strictSame(compileProfile(native, text), Buffer.alloc(8, 1));
  t.strictSame(calls, [{ action: 0x7ffc0000, rules: [0n, 0x50002n, 0n, 2n ** 64n - 101n, 0x50002n, 0n] }]);

  // 63 others push the first one out.
  for (let index = 0; index < 64; index++) {
    compileProfile(
      native,
      JSON.stringify({ defaultAction: "SCMP_ACT_LOG", defaultErrnoRet: null, syscalls: [], comment: index }),
    );
  }
  compileProfile(native, text);
  t.equal(calls.length, 66);
});
