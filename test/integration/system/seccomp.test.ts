// What a compiled filter does, asked twice: from a model of classic BPF for every system call there is, and from the kernel.

import { test } from "tap";
import { addon } from "../../../agent/system/addon.ts";
import { StandIn, standInSystem } from "../../fixtures/stand-in.ts";

const NATIVE = process.arch === "arm64" ? 0xc00000b7 : 0xc000003e;
const X86 = 0x40000003;
const EPERM = 1;
const ENOSYS = 38;
const ALLOW = 0x7fff0000;
const ERRNO = 0x00050000;
const KILL = 0x00000000;
const SIGSYS = 31;

const system = standInSystem();

function numberOf(name: string, architecture = NATIVE): number {
  const number = addon().resolveSyscall(architecture, name);
  if (number === undefined || number < 0) throw new Error(`no system call ${name}`);
  return number;
}

/** Every name that libseccomp has for this machine. */
const NAMES = ((): string[] => {
  const known = `accept access acct add_key adjtimex alarm bind bpf brk capget capset chdir chmod chown chroot clock_gettime clone
    clone3 close close_range connect copy_file_range dup dup2 dup3 epoll_create1 epoll_ctl eventfd2 execve execveat exit exit_group
    faccessat fadvise64 fallocate fchdir fchmod fchown fcntl fdatasync flock fork fsmount fsopen fstat fsync ftruncate futex getcwd
    getdents64 getegid geteuid getgid getgroups getpgid getpid getppid getpriority getrandom getuid getxattr init_module inotify_init1
    io_uring_setup ioctl kcmp keyctl kill lchown link linkat listen lookup_dcookie lseek madvise membarrier memfd_create mincore mkdir
    mkdirat mknodat mlock mmap mount mount_setattr move_mount mprotect mremap munmap nanosleep newfstatat open open_tree openat
    openat2 perf_event_open personality pidfd_getfd pidfd_open pipe2 pivot_root poll prctl pread64 prlimit64 ptrace pwrite64 read
    readlinkat reboot recvmsg renameat2 rt_sigaction rt_sigprocmask rt_sigreturn sched_yield seccomp sendmsg set_tid_address sethostname
    setns setuid shutdown sigaltstack socket splice statx symlinkat sync syslog tgkill umask umount2 uname unlinkat unshare userfaultfd
    utimensat vfork wait4 waitid write writev`;
  return known.split(/\s+/).filter((name) => (addon().resolveSyscall(NATIVE, name) ?? -1) >= 0);
})();

interface Data {
  readonly number: number;
  readonly architecture: number;
  readonly args: readonly bigint[];
}

/** Runs a filter as the kernel does. */
function run(filter: Uint8Array, data: Data): number {
  const program = Buffer.from(filter);
  const memory = Buffer.alloc(64);
  memory.writeInt32LE(data.number | 0, 0);
  memory.writeUInt32LE(data.architecture, 4);
  for (const [index, value] of data.args.entries()) memory.writeBigUInt64LE(value, 16 + index * 8);
  let accumulator = 0;
  for (let at = 0, steps = 0; steps < 10_000; at++, steps++) {
    const code = program.readUInt16LE(at * 8);
    const operand = program.readUInt32LE(at * 8 + 4);
    const jump = (taken: boolean): void => {
      at += program.readUInt8(at * 8 + (taken ? 2 : 3));
    };
    if (code === 0x20) accumulator = memory.readUInt32LE(operand);
    else if (code === 0x06) return operand;
    else if (code === 0x05) at += operand;
    else if (code === 0x15) jump(accumulator === operand);
    else if (code === 0x25) jump(accumulator > operand);
    else if (code === 0x35) jump(accumulator >= operand);
    else if (code === 0x45) jump((accumulator & operand) !== 0);
    else if (code === 0x54) accumulator = (accumulator & operand) >>> 0;
    else throw new Error(`an instruction of code ${code.toString(16)}`);
  }
  throw new Error("the filter does not end");
}

const call = (number: number, args: readonly bigint[] = [], architecture = NATIVE): Data => ({
  number,
  architecture,
  args,
});

/** The same choices each time. */
function makeRandom(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * limit);
  };
}

const COMPARE: Readonly<Record<string, (value: bigint, wanted: bigint, second: bigint) => boolean>> = {
  SCMP_CMP_NE: (value, wanted) => value !== wanted,
  SCMP_CMP_LT: (value, wanted) => value < wanted,
  SCMP_CMP_LE: (value, wanted) => value <= wanted,
  SCMP_CMP_EQ: (value, wanted) => value === wanted,
  SCMP_CMP_GE: (value, wanted) => value >= wanted,
  SCMP_CMP_GT: (value, wanted) => value > wanted,
  SCMP_CMP_MASKED_EQ: (value, mask, wanted) => (value & mask) === wanted,
};

test("for every system call the filter says what the profile says", async (t) => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = makeRandom(seed);
    const denies = random(2) === 0;
    const action = denies ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO";
    const rules = NAMES.filter(() => random(3) > 0).map((name) => {
      const args = [];
      if (random(4) === 0) {
        for (let index = 0; index < 6; index++) {
          if (random(3) > 0) continue;
          const op = Object.keys(COMPARE)[random(7)] ?? "SCMP_CMP_EQ";
          const big = random(2) === 0 ? 0x1_0000_0000 : 0;
          const value = random(8) + big;
          args.push({ index, op, value, valueTwo: op === "SCMP_CMP_MASKED_EQ" ? value & random(8) : 0 });
        }
      }
      return { names: [name], action, ...(denies ? {} : { errnoRet: 40 + random(50) }), args };
    });
    const profile = { defaultAction: denies ? "SCMP_ACT_ERRNO" : "SCMP_ACT_ALLOW", syscalls: rules };
    const filter = system.compileSeccomp(JSON.stringify(profile));
    const highest = Math.max(...rules.map((rule) => numberOf(rule.names[0] ?? "")));
    const byNumber = new Map(rules.map((rule) => [numberOf(rule.names[0] ?? ""), rule]));
    const wrong: string[] = [];
    for (let number = 0; number < 600; number++) {
      for (let attempt = 0; attempt < 12; attempt++) {
        const args = Array.from({ length: 6 }, () => BigInt(random(8)) + (random(2) === 0 ? 0x1_0000_0000n : 0n));
        const rule = byNumber.get(number);
        const matches =
          rule !== undefined &&
          rule.args.every((one) => COMPARE[one.op]?.(args[one.index] ?? 0n, BigInt(one.value), BigInt(one.valueTwo)));
        const otherwise = denies ? ERRNO | (number > highest ? ENOSYS : EPERM) : ALLOW;
        const expected = matches ? (denies ? ALLOW : ERRNO | (rule.errnoRet ?? 0)) : otherwise;
        const actual = run(filter, call(number, args));
        if (actual !== expected)
          wrong.push(`${number}(${args.join()}): ${actual.toString(16)}, not ${expected.toString(16)}`);
      }
    }
    t.strictSame(wrong.slice(0, 3), [], `seed ${seed}`);
  }
});

test(
  "other architectures are refused unless named, and have numbers of their own",
  { skip: process.arch !== "x64" && "the calls are those of x86-64" },
  async (t) => {
    const syscalls = [{ names: ["read", "getppid"], action: "SCMP_ACT_ALLOW" }];
    const alone = system.compileSeccomp(JSON.stringify({ defaultAction: "SCMP_ACT_ERRNO", syscalls }));
    t.equal(run(alone, call(3, [], X86)), KILL);
    t.equal(run(alone, call(numberOf("read"), [])), ALLOW);
    const X32_BIT = 0x40000000;
    t.equal(run(alone, call(X32_BIT + numberOf("read"))), KILL);
    t.equal(run(alone, call(-1)), ERRNO | EPERM, "what a tracer puts in place of a number");

    const both = system.compileSeccomp(
      JSON.stringify({
        defaultAction: "SCMP_ACT_ERRNO",
        architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_AARCH64"],
        syscalls,
      }),
    );
    t.equal(run(both, call(3, [], X86)), ALLOW, "read of x86");
    t.equal(run(both, call(64, [], X86)), ALLOW, "getppid of x86");
    t.equal(run(both, call(4, [], X86)), ERRNO | EPERM);
    t.equal(run(both, call(65, [], X86)), ERRNO | ENOSYS);
    t.equal(run(both, call(X32_BIT + numberOf("read"))), ALLOW);
    t.equal(run(both, call(X32_BIT + 1)), ERRNO | EPERM);
    t.equal(run(both, call(X32_BIT + 111)), ERRNO | ENOSYS);
    t.equal(run(both, call(111)), ERRNO | ENOSYS);
    t.equal(run(both, call(1)), ERRNO | EPERM);
    t.equal(run(both, call(0, [], 0xc00000b7)), KILL, "not one that this machine runs");
  },
);

test("the kernel does as the filter says", async (t) => {
  const shim = await StandIn.start(system);
  t.teardown(() => shim.stop());
  const AF_UNIX = 1;
  const AF_ALG = 38;
  const profile = {
    defaultAction: "SCMP_ACT_ALLOW",
    syscalls: [
      { names: ["getppid"], action: "SCMP_ACT_ERRNO", errnoRet: 77 },
      {
        names: ["socket"],
        action: "SCMP_ACT_ERRNO",
        errnoRet: 22,
        args: [{ index: 0, value: AF_ALG, op: "SCMP_CMP_EQ" }],
      },
      { names: ["sethostname", "no_such_system_call"], action: "SCMP_ACT_KILL_PROCESS" },
    ],
  };
  t.ok(shim.call(numberOf("getppid")) > 0, "before");
  t.equal(shim.loadFilter(system.compileSeccomp(JSON.stringify(profile))), 0);
  t.equal(shim.call(numberOf("getppid")), -77);
  t.equal(shim.call(numberOf("socket"), AF_ALG, 5, 0), -22);
  t.ok(shim.call(numberOf("socket"), AF_UNIX, 1, 0) > 3);
  t.throws(() => shim.call(numberOf("sethostname"), 0, 0), /has ended/);
  t.strictSame(await shim.ended(), { exitCode: 128 + SIGSYS, signal: SIGSYS });
});

test("under a profile that denies by default, what is newer than it looks as if the kernel lacked it", async (t) => {
  const shim = await StandIn.start(system);
  t.teardown(() => shim.stop());
  const profile = {
    defaultAction: "SCMP_ACT_ERRNO",
    syscalls: [
      { names: ["read", "write", "getpid", "exit_group", "close_range", "rt_sigreturn"], action: "SCMP_ACT_ALLOW" },
    ],
  };
  t.equal(shim.loadFilter(system.compileSeccomp(JSON.stringify(profile))), 0);
  t.equal(shim.call(numberOf("getpid")), shim.pid);
  t.equal(shim.call(numberOf("getppid")), -EPERM);
  t.equal(shim.call(numberOf("openat2")), -ENOSYS, "newer than close_range");
  t.equal(shim.call(5_000), -ENOSYS);
  shim.exit(0);
  t.strictSame(await shim.ended(), { exitCode: 0, signal: 0 });
});

test("a filter like a runtime's default is small work for the kernel", async (t) => {
  const profile = {
    defaultAction: "SCMP_ACT_ERRNO",
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
    syscalls: [{ names: NAMES, action: "SCMP_ACT_ALLOW" }],
  };
  const text = JSON.stringify(profile);
  const began = performance.now();
  const filter = system.compileSeccomp(text);
  const compiled = performance.now();
  t.equal(system.compileSeccomp(text), filter, "kept");
  t.ok(filter.length / 8 <= 4096, "what the kernel takes");
  t.comment(`${NAMES.length} names: ${filter.length / 8} instructions in ${(compiled - began).toFixed(1)} ms`);
});

test("what the addon is given is checked", async (t) => {
  const native = addon();
  t.throws(() => native.compileSeccomp(0x7fff0000, [], BigUint64Array.from([0n])), TypeError, "a rule cut short");
  t.throws(
    () => native.compileSeccomp(0x7fff0000, [], BigUint64Array.from([0n, 0n, 7n])),
    TypeError,
    "too many conditions",
  );
  t.throws(() => native.compileSeccomp(0x12345678, [], new BigUint64Array()), {
    code: "EINVAL",
    syscall: "seccomp_init",
  });
  t.throws(() => native.compileSeccomp(0x7fff0000, [0x12345], new BigUint64Array()), {
    code: "EINVAL",
    syscall: "seccomp_arch_add",
  });
  t.throws(() => native.compileSeccomp(0x7fff0000, ["x" as unknown as number], new BigUint64Array()), TypeError);
  t.throws(() => native.compileSeccomp(0x7fff0000, [], new Uint8Array() as unknown as BigUint64Array), TypeError);
  t.throws(() => native.compileSeccomp(ALLOW, [], BigUint64Array.from([0n, BigInt(ALLOW), 0n])), {
    code: "EACCES",
    syscall: "seccomp_rule_add",
    path: process.arch === "x64" ? "read" : "io_setup",
  });
  t.equal(native.resolveSyscall(NATIVE, "no_such_system_call"), undefined);
});
