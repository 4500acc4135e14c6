import t from "tap";
import { SharedLock } from "../../../../cni/plugins/shared-lock.ts";

t.test("many share it, one has it alone, in the order of asking", async (t) => {
  const lock = new SharedLock();
  const log: string[] = [];
  const gates = new Map<string, () => void>();
  const task = (name: string) => (): Promise<void> => {
    log.push(`+${name}`);
    return new Promise((resolve) => {
      gates.set(name, () => {
        log.push(`-${name}`);
        resolve();
      });
    });
  };
  const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
  const work = [lock.shared(task("a")), lock.shared(task("b")), lock.exclusive(task("c")), lock.shared(task("d"))];
  await turn();
  t.same(log, ["+a", "+b"]);
  for (const name of ["a", "b", "c", "d"]) {
    gates.get(name)?.();
    await turn();
  }
  await Promise.all(work);
  t.same(log, ["+a", "+b", "-a", "-b", "+c", "-c", "+d", "-d"]);
});

t.test("a task that fails lets the next one in", async (t) => {
  const lock = new SharedLock();
  await t.rejects(
    lock.exclusive(() => Promise.reject(new Error("no"))),
    { message: "no" },
  );
  t.equal(await lock.shared(async () => 1), 1);
});
