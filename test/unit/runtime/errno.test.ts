import { constants } from "node:os";

import t from "tap";

import { errnoName, errnoNumber, execErrorText } from "../../../agent/runtime/errno.ts";

t.test("names are those of this system", async (t) => {
  for (const [name, number] of Object.entries(constants.errno)) {
    if (name === "EWOULDBLOCK" || name === "EOPNOTSUPP" || name === "ENOTSUP" || name === "EDEADLOCK") continue; // second names
    t.equal(errnoName(number), name);
    t.equal(errnoNumber(name), number);
  }
  t.equal(errnoName(0), "OK");
  t.equal(errnoName(-2), "ENOENT");
  t.equal(errnoName(133), "EHWPOISON");
  t.equal(errnoName(95), "EOPNOTSUPP");
  t.equal(errnoName(41), "errno 41");
  t.equal(errnoName(512), "errno 512");
  t.equal(errnoNumber("ENOSUCH"), undefined);
});

t.test("why a program was not run", async (t) => {
  const { ENOENT, EACCES, ENOEXEC, E2BIG } = constants.errno;
  t.equal(execErrorText("bash", ENOENT), "executable file not found in $PATH");
  t.equal(execErrorText("/bin/bash", ENOENT), "no such file or directory");
  t.equal(execErrorText("/etc", EACCES), "permission denied");
  t.equal(execErrorText("/bin/arm", ENOEXEC), "exec format error");
  t.equal(execErrorText("echo", E2BIG), "E2BIG");
});
