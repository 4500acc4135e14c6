import { ProgramsNode } from "./node.ts";
import { createInterface } from "node:readline";
const names = process.argv.slice(2);
await using node = await ProgramsNode.create(41);
for (const n of ["busybox", ...names]) {
  const b = Date.now();
  await node.load(n);
  console.log("loaded", n, Date.now() - b);
}
for (const n of names) node.put(n, node.example(n));
await Promise.all(
  names.map(async (n) => {
    const b = Date.now();
    try {
      const p = await Promise.race([
        node.ready(n),
        new Promise<never>((_, r) => setTimeout(() => r(new Error("late")), 60000)),
      ]);
      console.log(n, "ready", Date.now() - b, p.status.podIP, await node.lives(n));
    } catch (e) {
      console.log(n, String(e));
      console.log(
        (await node.agent.command("events")).out
          .split("\n")
          .filter((l) => l.includes("/" + n))
          .join("\n"),
      );
      for (const c of [n, "initdb", "owner", "named", "app", "log-shipper"])
        console.log((await node.agent.command("logs", n, "-c", c)).out);
    }
  }),
);
console.log("NODELET_RUN_DIR=" + node.agent.runDir, node.agent.directory);
for await (const line of createInterface(process.stdin)) {
  if (line === "q") break;
}
