import { test } from "tap";
import { Rollback } from "../../../agent/base/dispose.ts";

test("steps are undone in reverse when the work fails", async (t) => {
  const undone: string[] = [];
  const work = async (): Promise<void> => {
    await using rollback = new Rollback();
    rollback.defer(() => void undone.push("first"));
    rollback.defer(async () => {
      await Promise.resolve();
      undone.push("second");
    });
    throw new Error("the third fails");
  };
  await t.rejects(work(), /the third fails/);
  t.strictSame(undone, ["second", "first"]);
});

test("what is committed stays; later steps can still be undone", async (t) => {
  const undone: string[] = [];
  const rollback = new Rollback();
  rollback.defer(() => void undone.push("kept"));
  rollback.commit();
  rollback.defer(() => void undone.push("later"));
  await rollback.undo();
  await rollback.undo();
  t.strictSame(undone, ["later"]);
});

test("an undo that fails does not stop the others, and its error is seen", async (t) => {
  const undone: string[] = [];
  const rollback = new Rollback();
  rollback.defer(() => void undone.push("first"));
  rollback.defer(() => {
    throw new Error("stuck");
  });
  await t.rejects(rollback.undo(), /stuck/);
  t.strictSame(undone, ["first"]);

  rollback.defer(() => Promise.reject(new Error("one")));
  rollback.defer(() => Promise.reject(new Error("two")));
  await t.rejects(rollback.undo(), { errors: [{ message: "two" }, { message: "one" }] });
});

test("a failing undo does not hide why the work failed", async (t) => {
  const work = async (): Promise<void> => {
    await using rollback = new Rollback();
    rollback.defer(() => {
      throw new Error("stuck");
    });
    throw new Error("the cause");
  };
  await t.rejects(work(), {
    name: "SuppressedError",
    error: { message: "stuck" },
    suppressed: { message: "the cause" },
  });
});
