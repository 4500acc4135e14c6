import t from "tap";

import { describeError, NodeletError } from "../../../agent/base/errors.ts";

t.test("one line for people", async (t) => {
  const cause = new Error("ENOENT");
  const error = new NodeletError("invalid", "is missing", { where: "f.yaml", fix: "add it", cause });
  t.equal(describeError(error), "f.yaml: is missing: ENOENT (add it)");
  t.equal(describeError("text"), "text");
  t.equal(
    describeError(new SuppressedError(new Error("undo"), error)),
    "f.yaml: is missing: ENOENT (add it); undoing it failed too: undo",
  );
  t.equal(describeError(new AggregateError([new Error("a"), new Error("b")], "two")), "two: a; b");
});
