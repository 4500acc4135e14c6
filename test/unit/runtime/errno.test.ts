import { constants } from "node:os";

import t from "tap";

import { errnoName, errnoNumber } from "../../../agent/runtime/errno.ts";

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
