// The table of launch plan operations: the one definition for both languages. From it come the types of a plan, its
// binary encoding (encode.ts) and, by scripts/gen-operations.ts, native/shim/operations.gen.h.
// Codes are part of the shim's protocol: they are only ever appended, never renumbered or reused.

/**
 * Kinds of argument.
 * - int: a 64-bit signed number; flags are written as numbers of the kernel's headers
 * - reg: a numbered register that holds a file descriptor, or NO_REG (-1)
 * - out: the register that receives the descriptor this operation opens
 * - str: a string without NUL; - list: several of them; - bytes: anything
 */
export type ArgumentKind = "int" | "reg" | "out" | "str" | "list" | "bytes";

export interface Operation {
  readonly code: number;
  /** In the order of encoding. */
  readonly args: Readonly<Record<string, ArgumentKind>>;
  /**
   * The system calls that it makes, in order, when it succeeds: what a trace shows. `name*` is any number of them,
   * none included, `name?` at most one, `a|b*` any number of both in any order. Lookups that give up with EAGAIN are repeated.
   */
  readonly syscalls: readonly string[];
  readonly doc: string;
}

const table = {
  // Descriptors and files
  open: {
    code: 1,
    args: { out: "out", at: "reg", path: "str", flags: "int", mode: "int", resolve: "int" },
    syscalls: ["openat2"],
    doc: "Opens `path` under `at` (NO_REG: the working directory); `resolve` holds RESOLVE_ flags; O_CLOEXEC is added.",
  },
  close: { code: 2, args: { reg: "reg" }, syscalls: ["close"], doc: "Closes a register." },
  check_node: {
    code: 3,
    args: { reg: "reg", format: "int", major: "int", minor: "int" },
    syscalls: ["fstat"],
    doc: "Fails with EINVAL unless the descriptor has this S_IFMT format and, if a device, this number.",
  },
  check_fs: {
    code: 4,
    args: { reg: "reg", magic: "int" },
    syscalls: ["fstatfs"],
    doc: "Fails with EINVAL unless the descriptor's file system has this magic number.",
  },
  ensure: {
    code: 5,
    args: { out: "out", at: "reg", path: "str", kind: "int", mode: "int" },
    syscalls: ["openat2", "openat2|mkdirat|mknodat|readlinkat|close*"],
    doc: "Resolves `path` in the root `at`, makes what is missing (kind 0: directory, 1: empty file; parents 0755), leaves an O_PATH descriptor. Links are followed within the root only, dangling ones too; magic links never.",
  },
  mknod: {
    code: 6,
    args: { at: "reg", path: "str", mode: "int", major: "int", minor: "int", uid: "int", gid: "int" },
    syscalls: ["mknodat", "fchmodat", "fchownat?"],
    doc: "Makes a node in the directory `at`; `path` is one component. mode is exact (no umask). Owner 0:0 is left as made.",
  },
  symlink: {
    code: 7,
    args: { at: "reg", path: "str", target: "str" },
    syscalls: ["symlinkat"],
    doc: "Makes a symbolic link in the directory `at`.",
  },
  write: {
    code: 8,
    args: { at: "reg", path: "str", data: "bytes", flags: "int" },
    syscalls: ["openat", "write", "close"],
    doc: "Opens (O_WRONLY with `flags`), writes `data` in one call, closes: sysctls, id maps, cgroup and attr files.",
  },
  chown: {
    code: 9,
    args: { reg: "reg", uid: "int", gid: "int" },
    syscalls: ["fchownat"],
    doc: "Owner of a register's file.",
  },
  chdir_fd: { code: 10, args: { reg: "reg" }, syscalls: ["fchdir"], doc: "Working directory from a register." },
  chmod: {
    code: 11,
    args: { at: "reg", path: "str", mode: "int" },
    syscalls: ["fchmodat"],
    doc: "Mode of a file in the directory `at`.",
  },
  ensure_like: {
    code: 13,
    args: { out: "out", at: "reg", path: "str", like: "reg", mode: "int" },
    syscalls: ["fstat", "openat2", "openat2|mkdirat|mknodat|readlinkat|close*"],
    doc: "As `ensure`, of the kind of what `like` refers to: a directory for a directory, an empty file for anything else.",
  },
  refuse_fs: {
    code: 14,
    args: { reg: "reg", magic: "int" },
    syscalls: ["fstatfs"],
    doc: "Fails with ELOOP if the descriptor's file system has this magic number: a mount destination that links led into /proc.",
  },

  // Mounts
  open_tree: {
    code: 20,
    args: { out: "out", at: "reg", path: "str", flags: "int" },
    syscalls: ["open_tree"],
    doc: "open_tree(2); with OPEN_TREE_CLONE a detached copy of the mount. OPEN_TREE_CLOEXEC is added.",
  },
  new_mount: {
    code: 21,
    args: { out: "out", fstype: "str", options: "list", attributes: "int" },
    syscalls: ["fsopen", "fsconfig*", "fsmount", "close"],
    doc: "A detached new mount: fsopen, one fsconfig an option (`key=value` or a flag), create, fsmount with MOUNT_ATTR_ flags.",
  },
  mount_setattr: {
    code: 22,
    args: { reg: "reg", set: "int", clear: "int", propagation: "int", userns: "reg", recursive: "int" },
    syscalls: ["mount_setattr"],
    doc: "mount_setattr(2) on a register's mount; `userns` with MOUNT_ATTR_IDMAP.",
  },
  move_mount: {
    code: 23,
    args: { from: "reg", to: "reg" },
    syscalls: ["move_mount"],
    doc: "Attaches a detached mount onto the O_PATH descriptor `to`: no path is walked.",
  },
  mount: {
    code: 24,
    args: { source: "str", target: "str", fstype: "str", flags: "int", data: "str" },
    syscalls: ["mount"],
    doc: "mount(2) in the working directory: propagation changes, and overlays whose options outgrow fsconfig on old kernels.",
  },
  umount: { code: 25, args: { path: "str", flags: "int" }, syscalls: ["umount2"], doc: "umount2(2)." },
  pivot_root: {
    code: 26,
    args: { root: "reg" },
    syscalls: ["fchdir", "pivot_root", "umount2", "chdir"],
    doc: "The register's mount becomes the root; the old root is detached.",
  },
  mask: {
    code: 27,
    args: { at: "reg", path: "str", null: "reg" },
    syscalls: [
      "openat2",
      "fstat",
      "fstat?",
      "open_tree?",
      "fsopen?",
      "fsconfig*",
      "fsmount?",
      "close?",
      "move_mount",
      "close*",
    ],
    doc: "Hides a path under the root `at`: a directory under an empty read-only tmpfs (one for all of a plan), anything else under the verified /dev/null in `null`.",
  },
  readonly: {
    code: 28,
    args: { at: "reg", path: "str" },
    syscalls: ["openat2", "open_tree", "mount_setattr", "move_mount", "close", "close"],
    doc: "Binds a path under the root `at` onto itself, read-only.",
  },

  // Processes and namespaces
  fork: {
    code: 40,
    args: { out: "out", who: "int", flags: "int", cgroup: "reg" },
    syscalls: ["clone3", "close*"],
    doc: "Starts an actor (1 joined, 2 child) with CLONE_NEW* flags, in the cgroup of a register; its pidfd goes to `out` of the host. A child that `joined` starts is the host's child too (no `out`); the host opens its pidfd at its first `wait` or `started`.",
  },
  setns: {
    code: 41,
    args: { reg: "reg", types: "int" },
    syscalls: ["setns"],
    doc: "setns(2) with a namespace or a pidfd.",
  },
  unshare: { code: 42, args: { flags: "int" }, syscalls: ["unshare"], doc: "unshare(2)." },
  map_ids: {
    code: 43,
    args: { who: "int", uids: "str", gids: "str" },
    syscalls: ["openat", "write", "close", "openat", "write", "close"],
    doc: "Writes the uid_map and gid_map of an actor's user namespace.",
  },
  pin: {
    code: 44,
    args: { who: "int", namespace: "str", path: "str" },
    syscalls: ["openat", "close", "mount"],
    doc: "Binds an actor's namespace (`net`, `ipc`, `uts`, `user`, `pid`) onto a new empty file on the host.",
  },
  signal: { code: 45, args: { who: "int" }, syscalls: ["sendto"], doc: "Lets an actor pass its `wait`." },
  wait: {
    code: 46,
    args: { who: "int" },
    syscalls: ["ppoll|recvmsg|fcntl*", "pidfd_open?"],
    doc: "Waits for an actor's `signal`; the actor's end is an error.",
  },
  commit: {
    code: 47,
    args: {},
    syscalls: ["sendmsg?", "ppoll|recvfrom|sendmsg*"],
    doc: "Reports READY to the daemon, unless `announce` did, and waits for COMMIT; the daemon's end undoes everything.",
  },
  announce: {
    code: 59,
    args: {},
    syscalls: ["sendmsg"],
    doc: "Reports READY to the daemon before everything is: its COMMIT arrives while the rest is done, and holds only if that succeeds.",
  },
  started: {
    code: 48,
    args: { who: "int" },
    syscalls: ["ppoll|recvmsg|fcntl*", "close?", "pidfd_open?"],
    doc: "Waits until the actor's exec succeeded.",
  },
  hostname: { code: 49, args: { name: "str" }, syscalls: ["sethostname"], doc: "sethostname(2)." },
  domainname: { code: 50, args: { name: "str" }, syscalls: ["setdomainname"], doc: "setdomainname(2)." },
  link_up: {
    code: 51,
    args: { name: "str" },
    syscalls: ["socket", "ioctl", "ioctl", "close"],
    doc: "Sets a network interface of the current network namespace up.",
  },
  pause: {
    code: 52,
    args: {},
    syscalls: ["prctl", "munmap*", "chdir", "close_range"],
    doc: "Stays as a pod's first process, without a descriptor: reaps, ends on SIGTERM and SIGINT.",
  },
  hook: {
    code: 53,
    args: { path: "str", argv: "list", env: "list", timeout: "int", state: "bytes" },
    syscalls: ["pipe2", "clone3", "close", "write*", "close", "ppoll*", "waitid", "close"],
    doc: "Runs an OCI hook with `state` on stdin (`@PID@` in it becomes the init pid), a fixed environment, cwd /; `timeout` in milliseconds.",
  },
  console: {
    code: 54,
    args: { at: "reg", columns: "int", rows: "int" },
    syscalls: [
      "openat2",
      "fstat",
      "fstatfs",
      "ioctl*",
      "sendmsg",
      "openat2|mkdirat|mknodat|readlinkat|close*",
      "fstatfs?",
      "open_tree?",
      "move_mount?",
      "close*",
    ],
    doc: "Allocates a terminal on the container's own devpts under the root `at`, peer by TIOCGPTPEER, hands the master to the host, binds the peer at /dev/console (not in an exec session; ELOOP if links led into /proc).",
  },
  stdio: {
    code: 55,
    args: { uid: "int", gid: "int" },
    syscalls: ["ioctl?", "dup3|fchown*", "close_range"],
    doc: "The io pipes (or the terminal, as controlling one) become 0, 1 and 2 and belong to this user; every other descriptor closes on exec.",
  },
  pidfd: {
    code: 56,
    args: { out: "out", pid: "int" },
    syscalls: ["pidfd_open"],
    doc: "A pidfd of a process; `pid` 0 is the init of this shim's own container, which cannot be mistaken for another.",
  },

  give: {
    code: 57,
    args: { who: "int", reg: "reg" },
    syscalls: ["sendmsg"],
    doc: "Hands a descriptor to another actor, which goes on without it until its `take`.",
  },
  take: {
    code: 58,
    args: { out: "out", who: "int" },
    syscalls: ["ppoll|recvmsg|fcntl*", "pidfd_open?"],
    doc: "Waits for the descriptor that an actor hands over by `give`; the actor's end is an error.",
  },

  // Identity and limits of the process
  setsid: { code: 60, args: {}, syscalls: ["setsid"], doc: "setsid(2)." },
  rlimit: {
    code: 61,
    args: { resource: "int", soft: "int", hard: "int" },
    syscalls: ["prlimit64"],
    doc: "-1 is unlimited.",
  },
  dumpable: { code: 62, args: { value: "int" }, syscalls: ["prctl"], doc: "PR_SET_DUMPABLE." },
  session_keyring: { code: 63, args: { name: "str" }, syscalls: ["keyctl"], doc: "Joins a new session keyring." },
  bounding: {
    code: 64,
    args: { keep: "int" },
    syscalls: ["prctl*"],
    doc: "Drops from the bounding set every capability that the bit mask `keep` lacks.",
  },
  ids: {
    code: 65,
    args: { uid: "int", gid: "int", groups: "list" },
    syscalls: ["prctl", "setgroups", "setresgid", "setresuid"],
    doc: "Groups, gid and uid, keeping permitted capabilities (PR_SET_KEEPCAPS).",
  },
  capabilities: {
    code: 66,
    args: { effective: "int", permitted: "int", inheritable: "int", ambient: "int" },
    syscalls: ["capset", "prctl*"],
    doc: "The four sets beside the bounding set, as bit masks.",
  },
  no_new_privs: { code: 67, args: {}, syscalls: ["prctl"], doc: "PR_SET_NO_NEW_PRIVS." },
  seccomp: {
    code: 68,
    args: { filter: "bytes", flags: "int" },
    syscalls: ["seccomp"],
    doc: "Loads a compiled filter (struct sock_filter array).",
  },
  chdir: {
    code: 69,
    args: { path: "str", create: "int" },
    syscalls: ["chdir", "mkdirat*", "chdir?", "getcwd"],
    doc: "Working directory after pivot_root; must be reachable from the root. Made first if `create`.",
  },
  umask: { code: 70, args: { mask: "int" }, syscalls: ["umask"], doc: "umask(2)." },
  exec: {
    code: 71,
    args: { argv: "list", env: "list" },
    syscalls: ["rt_sigprocmask", "execve*"],
    doc: "The workload. argv[0] without a slash is searched in PATH of `env`.",
  },
  device_program: {
    code: 72,
    args: { cgroup: "reg", program: "bytes" },
    syscalls: ["bpf", "bpf", "close"],
    doc: "Loads a cgroup device program and attaches it.",
  },
  personality: { code: 73, args: { persona: "int" }, syscalls: ["personality"], doc: "personality(2)." },
  parent_death_signal: { code: 74, args: { signal: "int" }, syscalls: ["prctl"], doc: "PR_SET_PDEATHSIG." },

  // The shim itself
  listen: {
    code: 80,
    args: { at: "reg", name: "str" },
    syscalls: ["socket", "bind", "fchmodat", "listen"],
    doc: "The shim's socket, 0600, in the directory `at`.",
  },
  io: {
    code: 81,
    args: { tty: "int", stdin: "int", stdout: "int", stderr: "int", log: "str" },
    syscalls: ["openat?", "fstat?", "openat?", "pipe2|fcntl*"],
    doc: "stdin 0: /dev/null, 1: kept open, 2: closed with its first writer. stdout, stderr 0: /dev/null. `log`: the CRI log file; empty: none.",
  },
  exit_record: {
    code: 82,
    args: { at: "reg", name: "str" },
    syscalls: [],
    doc: "Where the exit is recorded, in the directory `at`.",
  },
  io_owner: {
    code: 83,
    args: { uid: "int", gid: "int" },
    syscalls: ["fchown*"],
    doc: "Gives the io pipes to a user as the host numbers it: a process in a user namespace cannot do that with `stdio` and needs it to reopen /dev/stdout.",
  },
} as const satisfies Record<string, Operation>;

export const OPERATIONS: Readonly<Record<OperationName, Operation>> = table;
export type OperationName = keyof typeof table;

type ArgumentValue<K> = K extends "int"
  ? number
  : K extends "reg" | "out"
    ? number
    : K extends "str"
      ? string
      : K extends "list"
        ? readonly string[]
        : Uint8Array;

export type Arguments<N extends OperationName> = {
  readonly [A in keyof (typeof table)[N]["args"]]: ArgumentValue<(typeof table)[N]["args"][A]>;
};

/** Who executes a step. `child` and `inside` are one process, before and after pivot_root. */
export const ACTORS = ["host", "joined", "child", "inside"] as const;
export type Actor = (typeof ACTORS)[number];

/** No register: for `at`, the working directory. */
export const NO_REG = -1;
/** Registers are numbered from 0; the shim refuses more. */
export const REGISTER_COUNT = 256;

/** What a step does when its system call fails: `never` ends the plan, the others report the errno and go on. */
export const TOLERANCES = ["never", "missing", "denied", "any"] as const;
export type Tolerance = (typeof TOLERANCES)[number];

/** One step of a launch plan. */
export type Step = {
  readonly [N in OperationName]: {
    readonly op: N;
    readonly actor: Actor;
    readonly args: Arguments<N>;
    /** The field of the pod or OCI spec that caused it, such as `mounts[3].destination`. */
    readonly cause: string;
    /** missing: ENOENT and ENOTDIR; denied: EPERM, EACCES and EROFS. Default never. */
    readonly tolerate?: Tolerance | undefined;
  };
}[OperationName];

/** Steps in the order of execution; pure data. */
export interface Plan {
  readonly steps: readonly Step[];
}

/** What the shim reports of a step: not run when `startedNs` is 0. */
export interface StepResult {
  /** 0 for success. */
  readonly errno: number;
  /** Monotonic clock, nanoseconds. */
  readonly startedNs: bigint;
  readonly durationNs: bigint;
}
