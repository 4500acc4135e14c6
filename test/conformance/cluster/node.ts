// A node that joined a control plane of its own, for tests: pods are bound by hand.

import { mkdtempSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import type { V1Node, V1Pod } from "@kubernetes/client-node";

import { isNodeletError } from "../../../agent/base/errors.ts";
import type { KubeClient } from "../../../agent/kube/client.ts";
import { NODES, PODS } from "../../../agent/kube/resources.ts";
import { BUSYBOX_REF, busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { buildControlPlane, ControlPlane, type ControlPlaneOptions } from "../../fixtures/control-plane.ts";

/** For whatever is to come about: a hang limit. */
const LIMIT_MS = 60_000;

export class TestCluster implements AsyncDisposable {
  readonly directory: string;
  readonly plane: ControlPlane;
  readonly client: KubeClient;
  readonly agent: TestAgent;
  readonly nodeName: string;

  private constructor(parts: {
    directory: string;
    plane: ControlPlane;
    client: KubeClient;
    agent: TestAgent;
    nodeName: string;
  }) {
    this.directory = parts.directory;
    this.plane = parts.plane;
    this.client = parts.client;
    this.agent = parts.agent;
    this.nodeName = parts.nodeName;
  }

  /** With busybox loaded; the agent runs. `number` as for TestAgent. */
  static async start(
    number: number,
    {
      flags = [],
      configuration = {},
      plane: planeOptions = {},
    }: { flags?: readonly string[]; configuration?: object; plane?: ControlPlaneOptions } = {},
  ): Promise<TestCluster> {
    buildControlPlane(
      ...(planeOptions.controllerManager === true ? (["kube-controller-manager"] as const) : []),
      ...(planeOptions.scheduler === true ? (["kube-scheduler"] as const) : []),
    );
    await using parts = new AsyncDisposableStack();
    const directory = mkdtempSync(join(tmpdir(), "ndl-plane-"));
    parts.defer(() => rm(directory, { recursive: true, force: true }));
    const plane = parts.use(await ControlPlane.start(join(directory, "plane"), planeOptions));
    const nodeName = `node-${number}`;
    // As a node has it: what it may not do under the node authoriser, it should not need.
    const kubeconfig = plane.writeKubeconfig("node", `/O=system:nodes/CN=system:node:${nodeName}`);
    const config = join(directory, "kubelet.json");
    const kind = { apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" };
    writeFileSync(config, JSON.stringify({ ...kind, imageGCHighThresholdPercent: 100, ...configuration }));
    const own = [`--kubeconfig=${kubeconfig}`, `--hostname-override=${nodeName}`, `--config=${config}`];
    const agent = parts.use(await TestAgent.create(number, [...own, ...flags]));
    await agent.start();
    const layout = join(directory, "busybox");
    await writeOciLayout(layout, busyboxImage());
    const loaded = await agent.command("load", layout);
    if (loaded.code !== 0) throw new Error(loaded.err);
    const cluster = new TestCluster({ directory, plane, client: await plane.client(), agent, nodeName });
    cluster.#parts = parts.move();
    return cluster;
  }

  #parts = new AsyncDisposableStack();

  /** Waits for what comes about; the node's log goes with the error. */
  async until<T>(what: string, look: () => Promise<T | undefined | false>): Promise<T> {
    let last: unknown;
    for (const limit = Date.now() + LIMIT_MS; Date.now() < limit; await sleep(50)) {
      try {
        const found = await look();
        if (found !== undefined && found !== false) return found;
      } catch (error) {
        last = error;
      }
    }
    throw new Error(`${what} did not come about\n${this.agent.log().slice(-8_000)}`, { cause: last });
  }

  async node(): Promise<V1Node> {
    return await this.client.get(NODES, this.nodeName);
  }

  ready(): Promise<V1Node> {
    return this.until("a ready node", async () => {
      const node = await this.node();
      return node.status?.conditions?.find(({ type }) => type === "Ready")?.status === "True" && node;
    });
  }

  /** A pod of busybox, bound to the node. */
  async create(name: string, spec: Partial<V1Pod["spec"]> & object = {}, metadata: object = {}): Promise<V1Pod> {
    return await this.client.create(PODS, {
      metadata: { name, namespace: "default", ...metadata },
      spec: {
        nodeName: this.nodeName,
        terminationGracePeriodSeconds: 5,
        automountServiceAccountToken: false,
        ...spec,
        containers: spec.containers ?? [{ name: "main", image: BUSYBOX_REF, command: ["sleep", "infinity"] }],
      },
    });
  }

  /** Undefined: there is none. */
  async pod(name: string, namespace = "default"): Promise<V1Pod | undefined> {
    try {
      return await this.client.get(PODS, name, { namespace });
    } catch (error) {
      if (isNodeletError(error, "not-found")) return undefined;
      throw error;
    }
  }

  /** Running, or over, as the API server says. */
  phase(name: string, phase: string, namespace = "default"): Promise<V1Pod> {
    return this.until(`${name} ${phase}`, async () => {
      const pod = await this.pod(name, namespace);
      return pod?.status?.phase === phase && pod;
    });
  }

  gone(name: string): Promise<true> {
    return this.until(`the end of ${name}`, async () => (await this.pod(name)) === undefined);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#parts[Symbol.asyncDispose]();
  }
}
