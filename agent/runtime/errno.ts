// Linux errno numbers and their names, the same on x86_64 and arm64 (asm-generic/errno-base.h, errno.h).

const NAMES: readonly string[] = (
  "OK EPERM ENOENT ESRCH EINTR EIO ENXIO E2BIG ENOEXEC EBADF ECHILD EAGAIN ENOMEM EACCES EFAULT ENOTBLK EBUSY EEXIST EXDEV ENODEV " +
  "ENOTDIR EISDIR EINVAL ENFILE EMFILE ENOTTY ETXTBSY EFBIG ENOSPC ESPIPE EROFS EMLINK EPIPE EDOM ERANGE EDEADLK ENAMETOOLONG " +
  "ENOLCK ENOSYS ENOTEMPTY ELOOP - ENOMSG EIDRM ECHRNG EL2NSYNC EL3HLT EL3RST ELNRNG EUNATCH ENOCSI EL2HLT EBADE EBADR EXFULL " +
  "ENOANO EBADRQC EBADSLT - EBFONT ENOSTR ENODATA ETIME ENOSR ENONET ENOPKG EREMOTE ENOLINK EADV ESRMNT ECOMM EPROTO EMULTIHOP " +
  "EDOTDOT EBADMSG EOVERFLOW ENOTUNIQ EBADFD EREMCHG ELIBACC ELIBBAD ELIBSCN ELIBMAX ELIBEXEC EILSEQ ERESTART ESTRPIPE EUSERS " +
  "ENOTSOCK EDESTADDRREQ EMSGSIZE EPROTOTYPE ENOPROTOOPT EPROTONOSUPPORT ESOCKTNOSUPPORT EOPNOTSUPP EPFNOSUPPORT EAFNOSUPPORT " +
  "EADDRINUSE EADDRNOTAVAIL ENETDOWN ENETUNREACH ENETRESET ECONNABORTED ECONNRESET ENOBUFS EISCONN ENOTCONN ESHUTDOWN " +
  "ETOOMANYREFS ETIMEDOUT ECONNREFUSED EHOSTDOWN EHOSTUNREACH EALREADY EINPROGRESS ESTALE EUCLEAN ENOTNAM ENAVAIL EISNAM " +
  "EREMOTEIO EDQUOT ENOMEDIUM EMEDIUMTYPE ECANCELED ENOKEY EKEYEXPIRED EKEYREVOKED EKEYREJECTED EOWNERDEAD ENOTRECOVERABLE " +
  "ERFKILL EHWPOISON"
).split(" ");

/** `ENOENT` for 2; `OK` for 0; `errno 999` for a number without a name. The sign does not matter. */
export function errnoName(errno: number): string {
  const name = NAMES[Math.abs(errno)];
  return name === undefined || name === "-" ? `errno ${Math.abs(errno)}` : name;
}

/** 2 for `ENOENT`; undefined for a name that is none. */
export function errnoNumber(name: string): number | undefined {
  const number = NAMES.indexOf(name);
  return number < 0 || name === "-" ? undefined : number;
}

/** Why a program was not run, in the words of Go's runtimes, which clients of theirs look for. */
export function execErrorText(program: string, errno: number): string {
  const name = errnoName(errno);
  if (name === "ENOENT")
    return program.includes("/") ? "no such file or directory" : "executable file not found in $PATH";
  if (name === "EACCES") return "permission denied";
  return name === "ENOEXEC" ? "exec format error" : name;
}
