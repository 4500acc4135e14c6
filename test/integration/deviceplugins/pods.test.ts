// time limit: 300 s
// Devices of plugins in containers: an agent, real pods, and plugins in this process and beside it.

import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";

import t from "tap";

import { messages, services } from "../../../proto/deviceplugins/podresources.gen.js";
import { TestDevicePlugin } from "../../fixtures/device-plugin.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { callGrpc } from "../../fixtures/grpc-call.ts";
import { containerStatus, FieldNode, FOREVER, restarts, sh, type Pod } from "../../fixtures/fields.ts";
import { processesBeside, settledDifference, takePicture, type PictureOptions } from "../../fixtures/picture.ts";

const X = "example.com/x";
const KILLED = "example.com/killed";
const PROGRAM = resolve(import.meta.dirname, "..", "..", "fixtures", "device-plugin.ts");

/** Of the pods of this test. */
const uids = new Set<string>();

/** The whole host, but for what others have on it: their processes and the cgroups of their pods. */
const pictureOptions: PictureOptions = {
  ...processesBeside,
  without: ["sockets", "network namespaces"],
  ignore: (kind, line) => kind === "cgroups" && ![...uids].some((uid) => line.includes(uid)),
};

const wanting = (count: number, resource = X) => ({ resources: { limits: { [resource]: String(count) } } });
const health = (pod: Pod): unknown => containerStatus(pod)?.allocatedResourcesStatus?.[0]?.resources?.[0]?.health;

await t.test("devices of plugins", async (t) => {
  const before = await takePicture(pictureOptions);
  {
    await using node = await FieldNode.create(41);
    const run = async (...what: Parameters<FieldNode["run"]>): Promise<string> => {
      const name = await node.run(...what);
      const uid = (await node.pod(name))?.metadata?.uid;
      if (uid !== undefined) uids.add(uid);
      return name;
    };
    const directory = join(node.directory, "root", "device-plugins");
    const given = join(node.directory, "given");
    writeFileSync(given, "by the plugin");
    await using plugin = new TestDevicePlugin(directory, X, ["one", "two"], {
      options: { preStartRequired: true },
      response: (ids) => ({
        envs: { TEST_DEVICES: ids.join(","), GREETING: "of the plugin" },
        devices: [{ hostPath: "/dev/full", containerPath: "/dev/test-device", permissions: "rw" }],
        mounts: [{ hostPath: given, containerPath: "/given", readOnly: true }],
        annotations: { "example.com/devices": ids.join(",") },
      }),
    });
    await plugin.start();
    await eventually("the plugin was asked for its devices", () => plugin.calls.includes("ListAndWatch"));
    const kept: { name: string; id: string | undefined; devices: string } = { name: "", id: "", devices: "" };

    await t.test("a container has the device's node, files and variables", async (t) => {
      const name = await run(
        sh(`echo "$TEST_DEVICES $GREETING"; ${FOREVER}`, {
          ...wanting(1),
          env: [{ name: "GREETING", value: "of the pod" }],
        }),
      );
      const pod = await node.running(name);
      const log = await node.logged(name, "of the pod");
      const devices = log.trim().split(" ")[0] ?? "";
      t.match(devices, /^(one|two)$/);
      t.equal(await node.exec(name, "stat", "-c", "%F %t:%T", "/dev/test-device"), "character special file 1:7\n");
      t.match(
        await node.exec(name, "sh", "-c", "echo x > /dev/test-device 2>&1 || echo full"),
        /full/,
        "it may be used",
      );
      t.equal(await node.exec(name, "cat", "/given"), "by the plugin");
      t.match(await node.exec(name, "sh", "-c", "echo x > /given 2>&1 || echo no"), /no/, "read-only");
      t.same(plugin.calls.slice(2), [`Allocate ${devices}`, `PreStartContainer ${devices}`]);
      t.match(containerStatus(pod)?.allocatedResourcesStatus, [
        { name: X, resources: [{ resourceID: devices, health: "Healthy" }] },
      ]);
      const service = { messages, table: services.PodResourcesLister };
      const socket = join(node.directory, "root", "pod-resources", "kubelet.sock");
      const expected = { name, containers: [{ name: "main", devices: [{ resourceName: X, deviceIds: [devices] }] }] };
      t.match(await callGrpc(socket, service, "list"), { podResources: [expected] }, "monitoring agents are told");
      Object.assign(kept, { name, id: containerStatus(pod)?.containerID, devices });
    });

    await t.test("a pod that wants more than there is is refused", async (t) => {
      const name = await run(sh(FOREVER, wanting(2)));
      const { status } = await node.until(name, "its refusal", ({ status: now }) => now.phase === "Failed");
      t.equal(status.reason, "UnexpectedAdmissionError");
      const why = `requested number of devices unavailable for ${X}. Requested: 2, Available: 1`;
      t.equal(status.message, `Pod was rejected: Allocate failed due to ${why}, which is unexpected`);
      t.same(
        status.containerStatuses?.map(({ containerID }) => containerID),
        [undefined],
        "nothing of it was made",
      );
      await node.remove(name);
    });

    await t.test("the agent is killed and starts anew: nothing is given twice", async (t) => {
      for (const signal of ["SIGKILL", "SIGTERM"] as const) {
        await node.agent.signal(signal);
        const asked = plugin.calls.length;
        await node.agent.start();
        await eventually("the plugin registered again", () => plugin.calls.slice(asked).includes("ListAndWatch"));
        const other = await run(sh(`echo "$TEST_DEVICES"; ${FOREVER}`, wanting(1)));
        const [log, pod] = [await node.logged(other, "\n"), await node.running(kept.name)];
        t.not(log.trim(), kept.devices, `${signal}: the other device`);
        t.equal(containerStatus(pod)?.containerID, kept.id, `${signal}: the pod runs on`);
        t.notOk(plugin.calls.slice(asked).includes(`Allocate ${kept.devices}`));
        await node.remove(other);
      }
      const now = await node.pod(kept.name);
      await node.agent.command("exec", kept.name, "--", "sh", "-c", "kill -TERM 1"); // ends with the container
      await node.until(
        kept.name,
        "another container",
        (pod) => restarts(pod) > restarts(now!) && containerStatus(pod)?.state?.running !== undefined,
      );
      t.equal(
        (await node.log(kept.name)).trim(),
        `${kept.devices} of the pod`,
        "a container that is restarted has the same one",
      );
    });

    await t.test("a device falls ill: the pod runs on and says so, and nobody else gets it", async (t) => {
      plugin.tellUnhealthy("one", "two");
      const ill = await node.until(kept.name, "an unhealthy device", (pod) => health(pod) === "Unhealthy");
      t.equal(ill.status.phase, "Running");
      const name = await run(sh(FOREVER, wanting(1)));
      const { status } = await node.until(name, "its refusal", ({ status: now }) => now.phase === "Failed");
      t.match(status.message, `no healthy devices present; cannot allocate unhealthy devices ${X}`);
      await node.remove(name);
      plugin.tellUnhealthy();
      await node.until(kept.name, "a healthy device", (pod) => health(pod) === "Healthy");
    });

    await t.test("what a pod had is there for the next", async (t) => {
      const initContainers = [sh("true", { name: "init", ...wanting(2) })];
      await node.remove(kept.name);
      const name = await run(sh('echo "$TEST_DEVICES"; exit 0', wanting(2)), {
        restartPolicy: "Never",
        initContainers,
      });
      await node.until(name, "its end", ({ status }) => status.phase === "Succeeded");
      t.same((await node.log(name)).trim().split(",").toSorted(), ["one", "two"], "and what its init container had");
      const next = await node.output(sh('echo "$TEST_DEVICES"', wanting(2)));
      t.same(next.trim().split(",").toSorted(), ["one", "two"], "a pod that is over has none any more");
    });

    await t.test("a plugin is killed: its pod runs on, and a new plugin takes over", async (t) => {
      const children: ChildProcess[] = [];
      const begin = async (): Promise<ChildProcess> => {
        const child = spawn(process.execPath, [PROGRAM, directory, KILLED, "a"], {
          stdio: ["ignore", "pipe", "inherit"],
        });
        children.push(child);
        await once(child.stdout, "data");
        return child;
      };
      try {
        const first = await begin();
        const name = await run(sh(FOREVER, wanting(1, KILLED)));
        await node.until(name, "a healthy device", (pod) => health(pod) === "Healthy");
        const id = containerStatus(await node.running(name))?.containerID;
        first.kill("SIGKILL");
        const alone = await node.until(name, "a device of nobody", (pod) => health(pod) === "Unknown");
        t.equal(alone.status.phase, "Running");
        const refused = await run(sh(FOREVER, wanting(1, KILLED)));
        await node.until(refused, "its refusal", ({ status }) => status.reason === "UnexpectedAdmissionError");
        await begin();
        const again = await node.until(name, "a healthy device", (pod) => health(pod) === "Healthy");
        t.equal(containerStatus(again)?.containerID, id);
        for (const pod of [name, refused]) await node.remove(pod);
      } finally {
        for (const child of children) {
          if (child.exitCode === null && child.signalCode === null) {
            child.kill("SIGKILL");
            await once(child, "exit");
          }
        }
      }
    });

    await t.test("CDI devices are refused by name", async (t) => {
      await using cdi = new TestDevicePlugin(directory, "example.com/cdi", ["1"], {
        response: () => ({ cdiDevices: [{ name: "example.com/cdi=1" }] }),
      });
      await cdi.start();
      await eventually("the plugin was asked for its devices", () => cdi.calls.includes("ListAndWatch"));
      const name = await run(sh(FOREVER, wanting(1, "example.com/cdi")));
      const pod = await node.until(
        name,
        "a refusal",
        (now) => containerStatus(now)?.state?.waiting?.reason === "CreateContainerError",
      );
      t.match(containerStatus(pod)?.state?.waiting?.message, /example.com\/cdi=1: CDI devices are not there yet/);
      await node.remove(name);
    });
  }
  const left = (await settledDifference(before, pictureOptions)).filter((line) => line.includes("left behind"));
  t.same(left, [], "the host is as it was before");
});
