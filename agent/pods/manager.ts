// What the server and the commands ask of the pods.

import type { V1Pod, V1PodStatus } from "@kubernetes/client-node";

/** Where a pod's specification came from. `local`: `nodelet run`. */
export type PodSource = "file" | "url" | "api" | "local";

/** A pod as the agent sees it now. */
export interface PodView {
  /** Defaulted specification with metadata.uid, and the status as kubelet computes it. */
  readonly pod: V1Pod & { status: V1PodStatus };
  readonly source: PodSource;
  /** The file or address that holds the specification, for people. */
  readonly origin: string;
  /** Why the newest specification is not the running one: a rejected edit. */
  readonly problem: string | undefined;
  readonly deleting: boolean;
}

/** As core/v1 Event has it, as far as people read it. */
export interface PodEvent {
  /** Increases by one with each event; for resuming a watch. */
  readonly sequence: number;
  /** Milliseconds since the epoch. */
  readonly time: number;
  readonly type: "Normal" | "Warning";
  readonly reason: string;
  readonly message: string;
  /** `namespace/name` and the container if it concerns one; empty for the node. */
  readonly pod: string;
  readonly container: string | undefined;
  readonly count: number;
}

export interface PodManager {
  list(): readonly PodView[];
  /** By namespace and name. */
  get(namespace: string, name: string): PodView | undefined;
  /** The CRI id of a pod's container (the newest attempt, or the one before with `previous`), and its log file. */
  container(
    namespace: string,
    pod: string,
    container: string,
    options?: { previous?: boolean },
  ): { readonly id: string; readonly logPath: string } | undefined;
  sandboxId(namespace: string, pod: string): string | undefined;
  /**
   * Runs a pod of source `local`; it is kept over restarts of the agent, and so are the ConfigMaps and Secrets that belong to it. `invalid`
   * names the field.
   */
  run(pod: V1Pod, objects?: readonly unknown[]): Promise<PodView>;
  /** Ends a `local` pod and forgets it; resolves when it is gone. Pods of other sources: `conflict` that says where to remove it. */
  remove(namespace: string, name: string, options?: { graceSeconds?: number; signal?: AbortSignal }): Promise<void>;
  /** Ends every pod; none is started again until the agent starts anew. */
  stopAll(options?: { graceSeconds?: number; signal?: AbortSignal }): Promise<void>;
  events(): readonly PodEvent[];
  /** Adds an event of the node to them. */
  report(event: Pick<PodEvent, "type" | "reason" | "message">): void;
  /** Calls back after each change of a pod's status and each event, until disposed. */
  subscribe(listener: (change: { pod?: PodView; removed?: PodView; event?: PodEvent }) => void): Disposable;
}
