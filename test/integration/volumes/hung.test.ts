// time limit: 240 s
// A volume on a file system that does not answer holds up its own pod, and nobody else.

import { join } from "node:path";

import t from "tap";

import { createSlowCalls } from "../../../agent/system/slow-calls.ts";
import { hungDirectory, noFuse } from "../../fixtures/hung-fuse.ts";
import { finished, leftBehind, picture, pod, pods, put, startAgent, until } from "./support.ts";

const skip = noFuse();

t.test("a call that hangs is given up on", { skip }, async (t) => {
  await using hung = await hungDirectory();
  const slow = createSlowCalls({ limitMs: 1_000 });
  await t.rejects(slow.stat(hung.path), { code: "timeout", where: hung.path });
  await t.rejects(slow.stat(hung.path), { code: "timeout" }, "there is one stuck process a path, not one a try");
  t.equal((await slow.stat("/")) & 0o170000, 0o040000, "others answer");
  await t.rejects(slow.stat(join(hung.path, "no", "where")), { code: "timeout" });
  const stop = new AbortController();
  const patient = createSlowCalls();
  const waiting = patient.stat(join(hung.path, "x"), { signal: stop.signal });
  stop.abort(new Error("no longer wanted"));
  await t.rejects(waiting, { message: "no longer wanted" });
  await hung.end();
  // The kernel lets go of the stuck process, which is then noticed.
  for (;;) {
    try {
      await slow.stat(hung.path);
      break;
    } catch (error) {
      if (error instanceof Error && "code" in error && error.code === "ENOENT") break;
      if (!(error instanceof Error && "code" in error && error.code === "timeout")) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
  t.pass("it answers again");
});

t.test("a pod on it waits with a clear reason; others run, and the agent ends", { skip }, async (t) => {
  const before = await picture();
  {
    await using hung = await hungDirectory();
    await using agent = await startAgent(21);
    const volumes = [{ name: "v", hostPath: { path: hung.path, type: "Directory" } }];
    put(
      agent,
      "hung.json",
      pod("hung", { main: "" }, { volumes }, { main: { volumeMounts: [{ name: "v", mountPath: "/v" }] } }),
    );
    await until(agent, "the hung pod", async () =>
      (await pods(agent)).some(({ metadata }) => metadata.name === "hung"),
    );
    put(agent, "fine.json", pod("fine", { main: "echo here" }, { volumes: [{ name: "v", emptyDir: {} }] }));
    t.strictSame(await finished(agent, "fine", "main"), ["here"]);
    await until(agent, "the reason", async () =>
      (await agent.command("events")).out.includes(`${hung.path}: The file system does not answer: stat hangs`),
    );
    t.equal((await pods(agent)).find(({ metadata }) => metadata.name === "hung")?.status?.phase, "Pending");
    t.equal((await agent.command("stop", "--all")).code, 0, "ending the pods does not wait for it");
    await agent.ended;
  }
  t.strictSame(await leftBehind(before), []);
});
