// The Node at the API server: registered, its status told when it changes and every few minutes, its lease held. Everything goes on
// trying while the server is away; nothing here touches pods.

import type { V1Node, V1NodeStatus } from "@kubernetes/client-node";

import type { Clock } from "../base/clock.ts";
import { describeError, isNodeletError, NodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { Wake } from "../base/wake.ts";
import type { KubeClient } from "../kube/client.ts";
import { NODES } from "../kube/resources.ts";
import { holdLease } from "./lease.ts";
import { type NodeEvent, nodeEvents } from "./node-events.ts";
import { metadataPatch, newNode, statusChanges, statusPatch } from "./node-object.ts";
import type { Registration, StatusChanges } from "./node-object.ts";

/** kubelet's first and longest wait between attempts to register. */
const REGISTER_MIN_MS = 100;
const REGISTER_MAX_MS = 7_000;
/** How often it is looked whether what keeps the node from being ready is over; nothing is sent for it. */
const NOT_READY_LOOK_MS = 500;
/** Between two looks, however often it is woken: a device plugin may tell of changes without end. */
const PAUSE_MS = 200;

export interface NodeAgentOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly registration: Registration;
  /** False: somebody else makes the Node. */
  readonly register: boolean;
  /** As it is now; `previous` is what the server has. */
  readonly status: (previous: V1NodeStatus) => Promise<V1NodeStatus>;
  /** How often the status is looked at. @default 10000 */
  readonly updateMs?: number | undefined;
  /** How often it is told though nothing changed. @default 300000 */
  readonly reportMs?: number | undefined;
  readonly leaseSeconds?: number | undefined;
  /** The node's pod addresses were given by the control plane: CIDRs, with "," between. */
  readonly onPodCidr: (cidr: string) => void;
  /** Something changed that people should know of. */
  readonly onEvent?: ((event: NodeEvent) => void) | undefined;
  /** The Node as the server has it now. */
  readonly onNode?: ((node: V1Node) => void) | undefined;
}

export class NodeAgent implements AsyncDisposable {
  readonly #options: NodeAgentOptions;
  readonly #stop = new AbortController();
  readonly #wake: Wake;
  #node: V1Node | undefined;
  /** The Node as it was when its metadata were brought up to date. */
  #takenUp: V1Node | undefined;
  /** The server was away: the Node may say that the node is lost. */
  #outOfDate = false;
  /** What of the status the server does not take, such as fields that are newer than it. */
  #refused: StatusChanges = {};
  #podCidr = "";
  #reportedAt = 0n;
  #tasks: Promise<void>[] = [];

  constructor(options: NodeAgentOptions) {
    this.#options = options;
    this.#wake = new Wake(options.clock);
  }

  /** As the server has it, as far as it is known. */
  get node(): V1Node | undefined {
    return this.#node;
  }

  start(): void {
    const { client, clock, log, registration, leaseSeconds } = this.#options;
    const { signal } = this.#stop;
    const lease = holdLease(
      {
        client,
        clock,
        log,
        nodeName: registration.name,
        durationSeconds: leaseSeconds,
        node: () => this.#node,
        onRecovery: () => {
          this.#outOfDate = true;
          this.#wake.ring();
        },
      },
      signal,
    );
    this.#tasks.push(this.#keepStatus(signal), lease);
  }

  /** What is told of the node may have changed. */
  wake(): void {
    this.#wake.ring();
  }

  /** The Node as a watch shows it; undefined: it was deleted. */
  observe(node: V1Node | undefined): void {
    const { uid } = this.#node?.metadata ?? {};
    this.#node = node;
    if (node === undefined || (uid !== undefined && uid !== node.metadata?.uid)) this.#wake.ring();
    if (node === undefined) return;
    this.#options.onNode?.(node);
    const cidr = (node.spec?.podCIDRs ?? [node.spec?.podCIDR]).filter((item) => (item ?? "") !== "").join(",");
    if (cidr === "" || cidr === this.#podCidr) return;
    this.#podCidr = cidr;
    this.#options.onPodCidr(cidr);
  }

  async #keepStatus(signal: AbortSignal): Promise<void> {
    const { clock, log, updateMs = 10_000 } = this.#options;
    let retryMs = 0;
    while (!signal.aborted) {
      let waitMs = updateMs;
      try {
        const ready = await this.#update(signal);
        retryMs = 0;
        if (!ready) waitMs = Math.min(updateMs, NOT_READY_LOOK_MS);
      } catch (error) {
        if (signal.aborted) return;
        if (isNodeletError(error, "not-found")) this.#node = undefined;
        retryMs = Math.min(Math.max(retryMs * 2, REGISTER_MIN_MS), REGISTER_MAX_MS);
        waitMs = retryMs;
        log.warn({ error: describeError(error) }, "the node's status could not be told");
      }
      const pauseMs = Math.min(PAUSE_MS, waitMs);
      await clock.sleep(pauseMs, { signal }).catch(() => undefined);
      await this.#wake.wait(waitMs - pauseMs, signal);
    }
  }

  /** Whether the node is ready. */
  async #update(signal: AbortSignal): Promise<boolean> {
    const { client, clock, status, reportMs = 300_000 } = this.#options;
    const name = this.#options.registration.name;
    // The watch that would tell may come back only later.
    if (this.#outOfDate) this.observe(await this.#find(signal));
    this.#outOfDate = false;
    const node = this.#own() ?? (await this.#takeUp(signal));
    const known = node.status ?? {};
    const wanted = await status(known);
    const ready = wanted.conditions?.find(({ type }) => type === "Ready")?.status === "True";
    const heartbeat = clock.monotonic() - this.#reportedAt >= BigInt(reportMs) * 1_000_000n || this.#reportedAt === 0n;
    const body = statusPatch(known, wanted, heartbeat, this.#refused);
    if (body === undefined) return ready;
    const call = { signal, subresource: "status" };
    const told = await client.patch(NODES, name, { type: "strategic", body }, call);
    this.#refused = statusChanges(told.status ?? {}, wanted);
    this.observe(told);
    this.#reportedAt = clock.monotonic();
    this.#tell(known, wanted);
    return ready;
  }

  #tell(known: V1NodeStatus, now: V1NodeStatus): void {
    for (const event of nodeEvents(this.#options.registration.name, known, now)) this.#options.onEvent?.(event);
  }

  /** Undefined: it was only seen yet, or is another one by now. */
  #own(): V1Node | undefined {
    const same = this.#takenUp !== undefined && this.#takenUp.metadata?.uid === this.#node?.metadata?.uid;
    return same ? this.#node : undefined;
  }

  async #find(signal: AbortSignal): Promise<V1Node | undefined> {
    try {
      return await this.#options.client.get(NODES, this.#options.registration.name, { signal });
    } catch (error) {
      if (isNodeletError(error, "not-found")) return undefined;
      throw error;
    }
  }

  /** The Node as it is, or a new one. */
  async #takeUp(signal: AbortSignal): Promise<V1Node> {
    const { client, log, registration, register, status } = this.#options;
    const { name } = registration;
    const existing = await this.#find(signal);
    if (existing === undefined && !register)
      throw new NodeletError("not-found", `There is no Node ${name} at the API server`, {
        where: "registerNode",
        fix: "Create it, or let the agent do so: registerNode: true",
      });
    if (existing !== undefined) {
      const body = register ? metadataPatch(existing, registration) : undefined;
      const node =
        body === undefined ? existing : await client.patch(NODES, name, { type: "strategic", body }, { signal });
      this.#takenUp = node;
      this.observe(node);
      log.info({ node: name }, "the node is registered already");
      return node;
    }
    const first = await status({});
    const made = await client.create(NODES, newNode(registration, first), { signal });
    this.#tell({}, first);
    this.#takenUp = made;
    this.observe(made);
    log.info({ node: name }, "the node is registered");
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort(new Error("the agent ends"));
    await Promise.all(this.#tasks);
  }
}
