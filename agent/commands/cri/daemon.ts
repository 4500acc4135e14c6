// Puts the runtime alone together from its parts, and takes it apart again.

import { systemClock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import type { AgentOptions } from "../../config/options.ts";
import { createCriServer } from "../../cri-server/server.ts";
import { createLocalServer } from "../../server/server.ts";
import { lockDirectory } from "../../store/directory-lock.ts";
import { createLinuxSystem } from "../../system/linux.ts";
import { socketPath } from "../cli.ts";
import type { Daemon } from "../daemon-command.ts";
import { openBuiltinRuntime } from "../runtime/builtin-runtime.ts";
import { makeDirectory } from "../runtime/directories.ts";
import { POD_CGROUP, removeOwnCgroups, SHIM_CGROUP } from "../runtime/own-cgroups.ts";
import { ownVersion } from "../version.ts";
import { CriPods } from "./pods.ts";

/**
 * Serves the CRI, and beside it the local socket of the `nodelet` command. It has taken up what an earlier daemon left when it
 * resolves. Disposing lets go of everything; pods run on.
 */
export async function startCri(options: AgentOptions, log: Logger): Promise<Daemon> {
  const clock = systemClock;
  const startedAt = Number(clock.now() / 1_000_000n);
  const version = ownVersion();
  const system = createLinuxSystem();
  await using parts = new AsyncDisposableStack();

  makeDirectory(options.runDir, 0o700, "--run-dir");
  makeDirectory(options.stateDir, 0o700, "--state-dir"); // locked by the store
  parts.use(await lockDirectory(system, options.runDir, "--run-dir"));

  const { images, cgroups, network, cri } = parts.use(
    await openBuiltinRuntime({ system, clock, log, options, version, podCgroup: POD_CGROUP, shimCgroup: SHIM_CGROUP }),
  );
  const pods = new CriPods(cri);

  const stopped = Promise.withResolvers<void>();
  // The rest is the kubelet's.
  const { givenFields: _given, flagsWithoutEffect: _flags, kubelet: _kubelet, ...shownOptions } = options;
  const localServer = createLocalServer({
    pods,
    cri,
    images,
    system,
    info: { version, pid: process.pid, startedAt, nodeName: options.nodeName, options: shownOptions },
    stop: async ({ pods: all, graceSeconds }) => {
      if (all) {
        log.info("ending all pods, as asked");
        await pods.stopAll(graceSeconds === undefined ? {} : { graceSeconds });
        await network.shutdown();
        await removeOwnCgroups(cgroups, POD_CGROUP, log);
      }
      setImmediate(() => stopped.resolve()); // after the answer is out
    },
    clock,
    log: log.child({ part: "server" }),
  });
  parts.defer(() => localServer.close());
  await localServer.listen(socketPath(options.runDir));

  const criServer = createCriServer({ cri, system, log: log.child({ part: "cri" }) });
  parts.defer(() => criServer.close());
  await criServer.listen(options.criSocket);

  log.info({ version, pid: process.pid, socket: options.criSocket }, "the CRI is served");
  const running = parts.move();
  return {
    stopped: stopped.promise,
    status: `CRI on ${options.criSocket}`,
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}
