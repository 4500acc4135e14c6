// Numbers of the kernel's headers that plans are written with.

/** linux/sched.h */
export const CLONE = {
  NEWNS: 0x0002_0000,
  NEWCGROUP: 0x0200_0000,
  NEWUTS: 0x0400_0000,
  NEWIPC: 0x0800_0000,
  NEWUSER: 0x1000_0000,
  NEWPID: 0x2000_0000,
  NEWNET: 0x4000_0000,
  NEWTIME: 0x0000_0080,
} as const;

/** linux/mount.h, for mount(2) and propagation */
export const MS = {
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  REC: 0x4000,
  UNBINDABLE: 0x2_0000,
  PRIVATE: 0x4_0000,
  SLAVE: 0x8_0000,
  SHARED: 0x10_0000,
} as const;

/** linux/mount.h, for fsmount(2) and mount_setattr(2) */
export const MOUNT_ATTR = {
  RDONLY: 0x1,
  NOSUID: 0x2,
  NODEV: 0x4,
  NOEXEC: 0x8,
  NOATIME: 0x10,
  STRICTATIME: 0x20,
  /** Mask of the three ways to keep access times. */
  ATIME: 0x70,
  NODIRATIME: 0x80,
  IDMAP: 0x10_0000,
  NOSYMFOLLOW: 0x20_0000,
} as const;

/** linux/mount.h and linux/fcntl.h */
export const OPEN_TREE_CLONE = 1;
export const AT_EMPTY_PATH = 0x1000;
export const AT_RECURSIVE = 0x8000;

/** linux/stat.h */
export const S_IFIFO = 0o010000;
export const S_IFCHR = 0o020000;
export const S_IFBLK = 0o060000;

/** linux/magic.h */
export const PROC_SUPER_MAGIC = 0x9fa0;
export const SYSFS_MAGIC = 0x6265_6572;

/** What `ensure` makes. */
export const ENSURE_DIRECTORY = 0;
export const ENSURE_FILE = 1;

/** Numbers of actors in `fork`, `signal` and `wait`. */
export const WHO = { host: 0, joined: 1, child: 2 } as const;

/** asm-generic/resource.h; the order is the number. */
export const RLIMITS: readonly string[] =
  "CPU FSIZE DATA STACK CORE RSS NPROC NOFILE MEMLOCK AS LOCKS SIGPENDING MSGQUEUE NICE RTPRIO RTTIME"
    .split(" ")
    .map((name) => `RLIMIT_${name}`);

/** linux/personality.h */
export const PERSONAS: Readonly<Record<string, number>> = { LINUX: 0, LINUX32: 8 };
