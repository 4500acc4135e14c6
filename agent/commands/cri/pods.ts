// The pods of the runtime alone: whoever calls the CRI makes them, so there is no list of what should run.

import type { V1Pod } from "@kubernetes/client-node";

import { NodeletError } from "../../base/errors.ts";
import type { Cri } from "../../cri/runtime.ts";
import type { PodEvent, PodManager, PodView } from "../../pods/manager.ts";

/** kubelet's default of terminationGracePeriodSeconds. */
const GRACE_SECONDS = 30;

export class CriPods implements PodManager {
  readonly #cri: Cri;

  constructor(cri: Cri) {
    this.#cri = cri;
  }

  list(): readonly PodView[] {
    return [];
  }

  get(): undefined {
    return undefined;
  }

  container(): undefined {
    return undefined;
  }

  sandboxId(): undefined {
    return undefined;
  }

  run(pod: V1Pod): Promise<PodView> {
    return Promise.reject(
      new NodeletError(
        "unsupported",
        `pod ${pod.metadata?.name ?? ""} cannot be run: this daemon is the runtime alone`,
        {
          fix: "start `nodelet agent`, or make the pod with crictl",
        },
      ),
    );
  }

  remove(namespace: string, name: string): Promise<void> {
    return Promise.reject(
      new NodeletError("not-found", `there is no pod ${namespace}/${name}: this daemon is the runtime alone`, {
        fix: "see `crictl pods`",
      }),
    );
  }

  /** Stops and removes every sandbox. */
  async stopAll({ graceSeconds = GRACE_SECONDS }: { graceSeconds?: number } = {}): Promise<void> {
    const { containers = [] } = await this.#cri.listContainers({});
    await Promise.all(
      containers.map(({ id }) => this.#cri.stopContainer({ containerId: id, timeout: BigInt(graceSeconds) })),
    );
    const { items = [] } = await this.#cri.listPodSandbox({});
    await Promise.all(
      items.map(async ({ id }) => {
        await this.#cri.stopPodSandbox({ podSandboxId: id });
        await this.#cri.removePodSandbox({ podSandboxId: id });
      }),
    );
  }

  /** Nobody asks the runtime alone for events but over the CRI. */
  report(): void {}

  events(): readonly PodEvent[] {
    return [];
  }

  subscribe(): Disposable {
    return { [Symbol.dispose]() {} };
  }
}
