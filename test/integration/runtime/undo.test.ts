// A sandbox that could neither be made nor undone, as no process can be started, is not forgotten: it is listed, and removed later.

import { join } from "node:path";

import t from "tap";

import { ownProcesses, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";
import { sandboxConfig, startRuntime } from "../../fixtures/runtime.ts";

t.test("no process for making and undoing a sandbox", async (t) => {
  const fixture = await startRuntime("undo", { subnet: "10.211.0.0/16" });
  t.teardown(() => fixture.remove());
  const { runtime, system } = fixture;
  const config = sandboxConfig(fixture.logs, { linux: { cgroupParent: `${fixture.cgroup}/pods/one` } });
  // What comes with the first sandbox and stays.
  const first = await runtime.runPodSandbox({ config: sandboxConfig(fixture.logs) });
  await runtime.removePodSandbox(first);
  const ids: string[] = [];
  const own: PictureOptions = {
    ...ownProcesses,
    cgroupsUnder: fixture.cgroup,
    directories: [join(fixture.runDir, "sandboxes")],
    // The bridge's routes say whether anything is on it.
    without: ["sockets", "network namespaces", "addresses and routes"],
    // Others' pods may come and go on the same host.
    ignore: (kind, line) => kind !== "cgroups" && kind !== "files" && !ids.some((id) => line.includes(id)),
  };
  const before = await takePicture(own);

  const spawnShim = system.spawnShim.bind(system);
  system.spawnShim = () => {
    throw Object.assign(new Error("EAGAIN: clone3"), { code: "EAGAIN", errno: -11, syscall: "clone3" });
  };
  await t.rejects(runtime.runPodSandbox({ config }), { code: "EAGAIN" }, "the reason is told");
  const { items = [] } = await runtime.listPodSandbox({});
  t.match(items, [{ metadata: config.metadata, state: 1 }], "it is listed as not ready");
  const [{ id: podSandboxId = "" } = {}] = items;
  await t.rejects(runtime.removePodSandbox({ podSandboxId }), /not wholly released/);
  system.spawnShim = spawnShim;

  const metadata = { ...config.metadata, attempt: 1 };
  const next = await runtime.runPodSandbox({ config: { ...config, metadata } });
  ids.push(podSandboxId, next.podSandboxId ?? "");
  await runtime.removePodSandbox({ podSandboxId });
  await runtime.removePodSandbox(next);
  t.same((await runtime.listPodSandbox({})).items, []);
  t.same(
    (await settledDifference(before, own)).filter((line) => line.includes("left behind")),
    [],
    "nothing is left",
  );
});
