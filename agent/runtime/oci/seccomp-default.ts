// The seccomp profile behind RuntimeDefault, as data. What is not listed fails with EPERM. The list holds what ordinary
// programs use; left out are calls that reach the host's clock, keys, kernel memory or modules, that debug other processes
// beyond ptrace, and young interfaces with a history of escapes (io_uring, userfaultfd, keyctl, bpf). A group that a
// capability guards is allowed with that capability only.

/** Allowed to everybody. */
export const ALWAYS: readonly string[] = (
  "accept accept4 access adjtimex alarm bind brk cachestat capget capset chdir chmod chown chown32 clock_adjtime clock_adjtime64 clock_getres " +
  "clock_getres_time64 clock_gettime clock_gettime64 clock_nanosleep clock_nanosleep_time64 close close_range connect " +
  "copy_file_range creat dup dup2 dup3 epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_pwait epoll_pwait2 epoll_wait " +
  "epoll_wait_old eventfd eventfd2 execve execveat exit exit_group faccessat faccessat2 fadvise64 fadvise64_64 fallocate " +
  "fanotify_mark fchdir fchmod fchmodat fchmodat2 fchown fchown32 fchownat fcntl fcntl64 fdatasync fgetxattr flistxattr flock fork " +
  "fremovexattr fsetxattr fstat fstat64 fstatat64 fstatfs fstatfs64 fsync ftruncate ftruncate64 futex futex_requeue futex_time64 " +
  "futex_wait futex_waitv futex_wake futimesat getcpu getcwd getdents getdents64 getegid getegid32 geteuid geteuid32 getgid " +
  "getgid32 getgroups getgroups32 getitimer getpeername getpgid getpgrp getpid getppid getpriority getrandom getresgid " +
  "getresgid32 getresuid getresuid32 getrlimit get_robust_list getrusage getsid getsockname getsockopt get_thread_area gettid " +
  "gettimeofday getuid getuid32 getxattr getxattrat inotify_add_watch inotify_init inotify_init1 inotify_rm_watch io_cancel ioctl io_destroy " +
  "io_getevents io_pgetevents io_pgetevents_time64 ioprio_get ioprio_set io_setup io_submit ipc kill landlock_add_rule " +
  "landlock_create_ruleset landlock_restrict_self lchown lchown32 lgetxattr link linkat listen listmount listxattr listxattrat llistxattr _llseek " +
  "lremovexattr lseek lsetxattr lstat lstat64 lsm_get_self_attr lsm_list_modules lsm_set_self_attr madvise map_shadow_stack " +
  "membarrier memfd_create memfd_secret mincore mkdir mkdirat mknod mknodat mlock mlock2 mlockall mmap mmap2 mprotect " +
  "mq_getsetattr mq_notify mq_open mq_timedreceive mq_timedreceive_time64 mq_timedsend mq_timedsend_time64 mq_unlink mremap " +
  "mseal msgctl msgget msgrcv msgsnd msync munlock munlockall munmap name_to_handle_at nanosleep newfstatat _newselect open " +
  "openat openat2 pause pidfd_open pidfd_send_signal pipe pipe2 pkey_alloc pkey_free pkey_mprotect poll ppoll ppoll_time64 " +
  "prctl pread64 preadv preadv2 prlimit64 process_mrelease pselect6 pselect6_time64 pwrite64 pwritev pwritev2 read readahead " +
  "readlink readlinkat readv recv recvfrom recvmmsg recvmmsg_time64 recvmsg remap_file_pages removexattr removexattrat rename renameat renameat2 " +
  "restart_syscall riscv_hwprobe rmdir rseq rt_sigaction rt_sigpending rt_sigprocmask rt_sigqueueinfo rt_sigreturn rt_sigsuspend " +
  "rt_sigtimedwait rt_sigtimedwait_time64 rt_tgsigqueueinfo sched_getaffinity sched_getattr sched_getparam sched_get_priority_max " +
  "sched_get_priority_min sched_getscheduler sched_rr_get_interval sched_rr_get_interval_time64 sched_setaffinity sched_setattr " +
  "sched_setparam sched_setscheduler sched_yield seccomp select semctl semget semop semtimedop semtimedop_time64 send sendfile " +
  "sendfile64 sendmmsg sendmsg sendto setfsgid setfsgid32 setfsuid setfsuid32 setgid setgid32 setgroups setgroups32 setitimer " +
  "setpgid setpriority setregid setregid32 setresgid setresgid32 setresuid setresuid32 setreuid setreuid32 setrlimit " +
  "set_robust_list setsid setsockopt set_thread_area set_tid_address setuid setuid32 setxattr setxattrat shmat shmctl shmdt shmget shutdown " +
  "sigaltstack signalfd signalfd4 sigprocmask sigreturn socketcall socketpair splice stat stat64 statfs statfs64 statmount statx symlink " +
  "symlinkat sync sync_file_range syncfs sysinfo tee tgkill time timer_create timer_delete timer_getoverrun timer_gettime " +
  "timer_gettime64 timer_settime timer_settime64 timerfd_create timerfd_gettime timerfd_gettime64 timerfd_settime " +
  "timerfd_settime64 times tkill truncate truncate64 ugetrlimit umask uname unlink unlinkat uretprobe utime utimensat utimensat_time64 utimes " +
  "vfork vmsplice wait4 waitid waitpid write writev process_vm_readv process_vm_writev ptrace"
).split(" ");

/** Allowed with any one of the capabilities. */
export const WITH_CAPABILITY: readonly {
  readonly capabilities: readonly string[];
  readonly names: readonly string[];
}[] = [
  { capabilities: ["CAP_DAC_READ_SEARCH"], names: ["open_by_handle_at"] },
  {
    capabilities: ["CAP_SYS_ADMIN"],
    names: (
      "bpf clone clone3 fanotify_init fsconfig fsmount fsopen fspick lookup_dcookie mount mount_setattr move_mount open_tree open_tree_attr " +
      "perf_event_open quotactl quotactl_fd setdomainname sethostname setns syslog umount umount2 unshare"
    ).split(" "),
  },
  { capabilities: ["CAP_SYS_BOOT"], names: ["reboot"] },
  { capabilities: ["CAP_SYS_CHROOT"], names: ["chroot"] },
  { capabilities: ["CAP_SYS_MODULE"], names: ["delete_module", "init_module", "finit_module"] },
  { capabilities: ["CAP_SYS_PACCT"], names: ["acct"] },
  { capabilities: ["CAP_SYS_PTRACE"], names: ["kcmp", "pidfd_getfd", "process_madvise"] },
  { capabilities: ["CAP_SYS_RAWIO"], names: ["iopl", "ioperm"] },
  { capabilities: ["CAP_SYS_TIME"], names: ["settimeofday", "stime", "clock_settime", "clock_settime64"] },
  { capabilities: ["CAP_SYS_TTY_CONFIG"], names: ["vhangup"] },
  { capabilities: ["CAP_SYS_NICE"], names: ["get_mempolicy", "mbind", "set_mempolicy", "set_mempolicy_home_node"] },
  { capabilities: ["CAP_SYSLOG"], names: ["syslog"] },
  { capabilities: ["CAP_BPF"], names: ["bpf"] },
  { capabilities: ["CAP_PERFMON"], names: ["perf_event_open"] },
];

/** Allowed on one architecture only. */
export const BY_ARCHITECTURE: Readonly<Record<Architecture, readonly string[]>> = {
  x64: ["arch_prctl", "modify_ldt"],
  arm64: ["arm_fadvise64_64", "arm_sync_file_range", "breakpoint", "cacheflush", "set_tls", "sync_file_range2"],
};

export type Architecture = "x64" | "arm64";

/** libseccomp's names, the native one first. */
export const ARCHITECTURES: Readonly<Record<Architecture, readonly string[]>> = {
  x64: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"],
  arm64: ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"],
};

/** CLONE_NEW* but CLONE_NEWTIME, which clone cannot make: the flags that make clone need CAP_SYS_ADMIN. */
export const CLONE_NAMESPACE_FLAGS = 0x7e02_0000;

/** Values of personality(2) that change no more than uname and the address layout: 0, PER_LINUX32, UNAME26, both, and the query. */
export const PERSONALITIES: readonly number[] = [0x0, 0x8, 0x20000, 0x20008, 0xffff_ffff];

/** Address families that reach past the network namespace or into little tested code. */
export const AF_ALG = 38;
export const AF_VSOCK = 40;

export const EPERM = 1;
export const ENOSYS = 38;
