// Mirror pods: how the API server shows the pods of this node's manifests. They follow the manifests' pods; deleting one at the server
// only makes it come anew.

import type { V1Node, V1Pod } from "@kubernetes/client-node";

import { changed } from "../base/changed.ts";
import type { Clock } from "../base/clock.ts";
import { describeError, isNodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { Wake } from "../base/wake.ts";
import type { KubeClient } from "../kube/client.ts";
import { PODS } from "../kube/resources.ts";
import type { PodManager, PodView } from "../pods/manager.ts";
import { CONFIG_MIRROR, isMirror, type ApiPods } from "../sources/api-server.ts";

const CONFIG_HASH = "kubernetes.io/config.hash";
/** What could not be made is tried again after this time: its namespace may be there by then. */
const RETRY_MS = 10_000;
const CALL_LIMIT_MS = 20_000;

export interface MirrorPodsOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly log: Logger;
  readonly pods: ApiPods;
  readonly manager: PodManager;
  readonly nodeName: string;
  /** Undefined: not registered yet. */
  readonly node: () => V1Node | undefined;
  /** A mirror came: its status is to be told. */
  readonly onMirror: (view: PodView) => void;
}

const keyOf = ({ metadata }: V1Pod): string => `${metadata?.namespace ?? "default"}/${metadata?.name ?? ""}`;

/** Whether the pod of a manifest has a mirror at the server; those of `nodelet run` have none. */
function isStatic({ source }: PodView): boolean {
  return source === "file" || source === "url";
}

/** The mirror of a manifest's pod as it is created. Pure. */
export function mirrorPod(pod: V1Pod, nodeName: string, node: V1Node): V1Pod {
  const { name, namespace, labels, annotations = {} } = pod.metadata ?? {};
  const { spec } = pod;
  if (spec === undefined || name === undefined) throw new Error("a pod without a specification");
  const everything = { operator: "Exists", effect: "NoExecute" };
  const tolerations = spec.tolerations ?? [];
  return {
    metadata: {
      name,
      namespace: namespace ?? "default",
      ...(labels === undefined ? {} : { labels }),
      annotations: { ...annotations, [CONFIG_MIRROR]: annotations[CONFIG_HASH] ?? "" },
      ownerReferences: [
        {
          apiVersion: "v1",
          kind: "Node",
          name: node.metadata?.name ?? nodeName,
          uid: node.metadata?.uid ?? "",
          controller: true,
        },
      ],
    },
    spec: changed(spec, { nodeName, tolerations: [...tolerations, everything] }),
  };
}

export class MirrorPods implements AsyncDisposable {
  readonly #options: MirrorPodsOptions;
  readonly #parts = new DisposableStack();
  readonly #stop = new AbortController();
  readonly #wake: Wake;
  /** Names of the pods of manifests when they were last looked at; undefined: not yet. */
  #names: ReadonlySet<string> | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(options: MirrorPodsOptions) {
    this.#options = options;
    this.#wake = new Wake(options.clock);
  }

  start(): void {
    const { manager, pods } = this.#options;
    this.#parts.use(
      manager.subscribe(({ pod, removed }) => {
        const view = pod ?? removed;
        if (view !== undefined && isStatic(view)) this.#wake.ring();
      }),
    );
    this.#parts.use(
      pods.observe((changed) => {
        if (changed.some((pod) => this.#names?.has(keyOf(pod)) !== false || isMirror(pod))) this.#wake.ring();
      }),
    );
    this.#running = this.#loop(this.#stop.signal);
  }

  /** The Node is registered. */
  wake(): void {
    this.#wake.ring();
  }

  /** Uid of the mirror of a manifest's pod. */
  uidFor(view: PodView): string | undefined {
    if (!isStatic(view)) return undefined;
    const key = keyOf(view.pod);
    const hash = view.pod.metadata?.annotations?.[CONFIG_HASH];
    const mirror = this.#options.pods.mirrors().find((pod) => keyOf(pod) === key);
    return mirror?.metadata?.annotations?.[CONFIG_MIRROR] === hash ? mirror?.metadata?.uid : undefined;
  }

  async #loop(signal: AbortSignal): Promise<void> {
    const told = new Set<string>();
    while (!signal.aborted) {
      const whole = await this.#bring(signal, told);
      await this.#wake.wait(whole ? undefined : RETRY_MS, signal);
    }
  }

  /** Whether everything is as it should be. */
  async #bring(signal: AbortSignal, told: Set<string>): Promise<boolean> {
    const { pods, manager, log } = this.#options;
    const node = this.#options.node();
    if (!pods.synced || node === undefined) return true;
    let whole = true;
    const attempt = async (what: () => Promise<void>, key: string): Promise<void> => {
      try {
        await what();
      } catch (error) {
        if (signal.aborted) return;
        whole = false;
        // Of the same name, seen a moment later or somebody else's.
        if (isNodeletError(error, "exists")) return;
        log.warn({ pod: key, error: describeError(error) }, "a pod of a manifest cannot be shown at the API server");
      }
    };
    const wanted = new Map(
      manager
        .list()
        .filter((view) => isStatic(view))
        .map((view) => [keyOf(view.pod), view]),
    );
    this.#names = new Set(wanted.keys());
    for (const mirror of pods.mirrors()) {
      const view = wanted.get(keyOf(mirror));
      const { uid = "", annotations, deletionTimestamp } = mirror.metadata ?? {};
      const good =
        view !== undefined &&
        deletionTimestamp === undefined &&
        annotations?.[CONFIG_MIRROR] === view.pod.metadata?.annotations?.[CONFIG_HASH];
      if (good) {
        if (!told.has(uid)) this.#options.onMirror(view);
        told.add(uid);
        wanted.delete(keyOf(mirror));
      } else {
        told.delete(uid);
        await attempt(() => this.#delete(mirror, signal), keyOf(mirror));
        // The watch tells when it is gone.
        wanted.delete(keyOf(mirror));
      }
    }
    for (const [key, view] of wanted) await attempt(() => this.#create(view.pod, node, signal), key);
    return whole;
  }

  async #create(pod: V1Pod, node: V1Node, signal: AbortSignal): Promise<void> {
    const { client, nodeName } = this.#options;
    const mirror = mirrorPod(pod, nodeName, node);
    const { namespace } = mirror.metadata ?? {};
    await client.create(PODS, mirror, { namespace, signal, timeoutMs: CALL_LIMIT_MS });
  }

  async #delete(mirror: V1Pod, signal: AbortSignal): Promise<void> {
    const { name = "", namespace, uid } = mirror.metadata ?? {};
    try {
      await this.#options.client.delete(PODS, name, {
        namespace,
        gracePeriodSeconds: 0,
        preconditions: { uid },
        signal,
        timeoutMs: CALL_LIMIT_MS,
      });
    } catch (error) {
      if (!isNodeletError(error, "not-found")) throw error;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#parts.dispose();
    this.#stop.abort(new Error("the agent ends"));
    await this.#running;
  }
}
