// The only door to the kernel: system calls that Node.js lacks, as one interface. linux.ts implements it over the native
// addon; fake.ts records the calls for tests that need no root. Everything else about files goes through node:fs.
// A failing call throws a SystemError (`code` such as "ENOENT", `syscall`, `path`).

/** A file descriptor. The receiver closes it. */
export type Fd = number;

/** What a failing call throws; made by the addon, and by the fake. */
export interface SystemError extends Error {
  /** `ENOENT` ... */
  readonly code: string;
  /** Negative, as in Node.js. */
  readonly errno: number;
  readonly syscall: string;
  readonly path?: string;
}

export interface Mapping {
  readonly containerId: number;
  readonly hostId: number;
  readonly size: number;
}

export interface ShimProcess {
  readonly pid: number;
  readonly pidfd: Fd;
}

export interface StartingShim {
  /** Our end of the control connection, a connected unix stream socket: what is written to it meanwhile reaches the shim. */
  readonly control: Fd;
  /** Rejects when it cannot be started; the other end of `control` is then closed. */
  readonly started: Promise<ShimProcess>;
}

/** A program, with our ends of its pipes. */
export interface StartingProgram {
  readonly stdin: Fd;
  readonly stdout: Fd;
  readonly stderr: Fd;
  /** Rejects when it cannot be started: ENOENT, EACCES, ENOEXEC, ETXTBSY ... */
  readonly started: Promise<ShimProcess>;
}

export interface WaitResult {
  /** 128 + signal when a signal ended it. */
  readonly exitCode: number;
  readonly signal: number;
}

export interface Stat {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly rdevMajor: number;
  readonly rdevMinor: number;
  readonly dev: bigint;
  readonly ino: bigint;
  readonly size: bigint;
  readonly nlink: number;
  readonly mtimeNs: bigint;
}

export interface PeerCredentials {
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** open_how flags; kernel numbers, see linux/openat2.h and fcntl.h. */
export const O = {
  RDONLY: 0,
  WRONLY: 1,
  RDWR: 2,
  CREAT: 0o100,
  EXCL: 0o200,
  TRUNC: 0o1000,
  APPEND: 0o2000,
  NONBLOCK: 0o4000,
  DIRECTORY: process.arch === "arm64" ? 0o40000 : 0o200000,
  NOFOLLOW: process.arch === "arm64" ? 0o100000 : 0o400000,
  CLOEXEC: 0o2000000,
  PATH: 0o10000000,
} as const;

export const RESOLVE = {
  NO_XDEV: 1,
  NO_MAGICLINKS: 2,
  NO_SYMLINKS: 4,
  BENEATH: 8,
  IN_ROOT: 16,
} as const;

/** For `dirfd`: the working directory. */
export const AT_FDCWD = -100;

export interface System {
  // Shims and processes
  /**
   * Starts nodelet-shim from its sealed memfd, in the cgroup of `cgroupFd` if given. Descriptor 3 of the shim is the other end of
   * `control`; `stderr` becomes its descriptor 2 (default /dev/null). Never forks the daemon (CLONE_VM | CLONE_VFORK), and waits for
   * the start on another thread.
   */
  spawnShim(options?: { cgroupFd?: Fd | undefined; stderr?: Fd | undefined }): StartingShim;
  /**
   * Starts a program without arguments, with this environment and no other, at the root directory, in a session and process group of its own;
   * it gets the three pipes and no other descriptor. Never forks the daemon, as spawnShim.
   */
  spawnProgram(path: string, environment: Readonly<Record<string, string>>): StartingProgram;

  pidfdOpen(pid: number): Fd;
  pidfdSendSignal(pidfd: Fd, signal: number): void;
  /** Reaps our own child without waiting; undefined while it runs. ECHILD when it is not ours. */
  waitPidfd(pidfd: Fd): WaitResult | undefined;
  /** Resolves when the process of the pidfd has ended, ours or not. Rejects with the signal's reason when aborted. */
  pidfdExited(pidfd: Fd, options?: { signal?: AbortSignal | undefined }): Promise<void>;
  /**
   * Resolves once when the descriptor is readable, or, with `priority`, has an exceptional condition (EPOLLPRI: a cgroup event file
   * changed since it was last read, a pressure trigger fired). The descriptor may be closed meanwhile; abort to stop waiting.
   */
  fdReady(fd: Fd, options?: { priority?: boolean | undefined; signal?: AbortSignal | undefined }): Promise<void>;

  // Paths and files, relative to descriptors
  /** openat2(2). O_CLOEXEC is always set. EAGAIN is retried a bounded number of times. */
  openat2(dirfd: Fd, path: string, how: { flags: number; mode?: number | undefined; resolve?: number | undefined }): Fd;
  close(fd: Fd): void;
  mkdirat(dirfd: Fd, path: string, mode: number): void;
  mknodat(dirfd: Fd, path: string, mode: number, major: number, minor: number): void;
  symlinkat(target: string, dirfd: Fd, path: string): void;
  /** An empty `oldPath` links the file of `oldDirfd` itself (AT_EMPTY_PATH). Never follows a final link. */
  linkat(oldDirfd: Fd, oldPath: string, newDirfd: Fd, newPath: string): void;
  unlinkat(dirfd: Fd, path: string, options?: { directory?: boolean | undefined }): void;
  renameat2(
    oldDirfd: Fd,
    oldPath: string,
    newDirfd: Fd,
    newPath: string,
    options?: { noReplace?: boolean; exchange?: boolean },
  ): void;
  /** Never follows a final link. An empty path is the descriptor itself, here and in the next two. */
  fchownat(dirfd: Fd, path: string, uid: number, gid: number): void;
  /** Never follows a final link (EOPNOTSUPP for one). */
  fchmodat(dirfd: Fd, path: string, mode: number): void;
  /** Never follows a final link. Nanoseconds since the epoch. */
  utimensat(dirfd: Fd, path: string, atimeNs: bigint, mtimeNs: bigint): void;
  /** Never follows a final link. An empty path is the descriptor itself. */
  fstatat(dirfd: Fd, path: string): Stat;
  readlinkat(dirfd: Fd, path: string): string;
  /** Names without `.` and `..`. */
  readdir(fd: Fd): string[];
  /** Never follow a final link. */
  setxattrat(dirfd: Fd, path: string, name: string, value: Uint8Array): void;
  getxattrat(dirfd: Fd, path: string, name: string): Uint8Array | undefined;
  listxattrat(dirfd: Fd, path: string): string[];
  /** Removes a tree without following links or crossing mounts (EXDEV names the mount); on a worker thread. Missing is success. */
  removeTree(dirfd: Fd, path: string): Promise<void>;
  /** syncfs(2), on a worker thread. */
  syncfs(fd: Fd): Promise<void>;
  fsync(fd: Fd): Promise<void>;
  /** Exclusive flock without waiting; false when another process holds it. */
  tryLock(fd: Fd): boolean;

  // Mounts
  /** mount(2). */
  mount(source: string, target: string, fstype: string, flags: number, data: string): void;
  umount(target: string, flags: number): Promise<void>;
  /**
   * fsopen .. fsmount: a detached mount; its descriptor can be read through with openat2. Options as `key=value` or a flag.
   * The error's message has what the file system said.
   */
  detachedMount(fstype: string, options: readonly string[], attributes: number): Fd;
  /** open_tree(2); close-on-exec is added. An empty path is the descriptor itself. */
  openTree(dirfd: Fd, path: string, flags: number): Fd;
  /** move_mount(2) of the mount that `from` is. An empty path is the descriptor `toDirfd` itself. */
  moveMount(from: Fd, toDirfd: Fd, toPath: string): void;
  mountSetattr(
    fd: Fd,
    options: { set?: number; clear?: number; propagation?: number; userns?: Fd; recursive?: boolean },
  ): void;
  statfs(path: string): Promise<{
    type: number;
    blockSize: bigint;
    blocks: bigint;
    free: bigint;
    available: bigint;
    files: bigint;
    filesFree: bigint;
  }>;

  // Namespaces and the network
  /**
   * Sends requests, one after the other, on one socket of `protocol` (0 route, 12 netfilter), made inside the netns if given; on a
   * worker thread. A request is one or more whole messages: an nfnetlink batch is one request. The answer to each request is
   * the list of the kernel's messages for its sequence numbers, headers included. A message with NLM_F_ACK or NLM_F_DUMP is
   * waited for until its NLMSG_ERROR or NLMSG_DONE (5 s); one without gets what the kernel says at once. NLMSG_ERROR is an
   * answer, not an exception: only the socket's own failures reject.
   */
  netlink(
    protocol: number,
    requests: readonly Uint8Array[],
    options?: { netns?: Fd | undefined },
  ): Promise<Uint8Array[][]>;
  /** A TCP socket made inside the network namespace and connected to the IP address, within 10 s; non-blocking. */
  connectInNetns(netns: Fd, address: string, port: number): Promise<Fd>;
  /** Writes a sysctl file inside the network namespace, such as `net/ipv4/ip_forward`. */
  writeSysctlInNetns(netns: Fd, name: string, value: string): void;

  // Security
  /**
   * Compiles an OCI seccomp profile (linux.seccomp as JSON) to struct sock_filter[] through libseccomp; kept by profile. Throws a
   * NodeletError `invalid` that names the field. Its flags for seccomp(2): `seccompFlags` in seccomp.ts.
   */
  compileSeccomp(profile: string): Uint8Array;
  peerCredentials(socketFd: Fd): PeerCredentials;
  /** Kernel's last capability and this process's bounding, permitted sets as bit masks. */
  capabilities(): { last: number; bounding: bigint; permitted: bigint; effective: bigint };

  // Descriptor passing (streaming, volumes)
  sendFds(socket: Fd, data: Uint8Array, fds: readonly Fd[]): void;
  receiveFds(socket: Fd, maxBytes: number): { data: Uint8Array; fds: Fd[] };
  socketPair(): [Fd, Fd];
  /** One message to a unix datagram socket; a path that begins with `@` is an abstract name. Never waits (EAGAIN). */
  sendDatagram(path: string, data: Uint8Array): void;
  /** A sealed file in memory that holds `data`. */
  memfd(name: string, data: Uint8Array): Fd;
  /** Window size of a terminal and raw mode for `exec -it`, on the command's side. */
  windowSize(fd: Fd): { columns: number; rows: number } | undefined;
}
