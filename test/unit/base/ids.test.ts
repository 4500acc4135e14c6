import { test } from "tap";
import { isId, newId, shortId } from "../../../agent/base/ids.ts";

test("identifiers are 64 hexadecimal digits and differ", async (t) => {
  const ids = new Set(Array.from({ length: 100 }, newId));
  t.equal(ids.size, 100);
  for (const id of ids) t.ok(isId(id), id);
  t.notOk(isId("../etc"));
  t.notOk(isId("A".repeat(64)), "capitals");
  t.notOk(isId(`${"a".repeat(64)}\n`));
  t.equal(shortId("0123456789abcdef"), "0123456789abc");
});
