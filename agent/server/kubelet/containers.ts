// The container that a request of the kubelet's API names. What is wrong with it is said in kubelet's words: kubectl shows them as they are,
// and tools look for them.

import { NodeletError } from "../../base/errors.ts";
import type { PodManager, PodView } from "../../pods/manager.ts";

export interface FoundContainer {
  readonly id: string;
  readonly logPath: string;
}

/** What of a pod's way to start kubelet says in words of its own. */
const WAITING: Readonly<Record<string, string>> = {
  ErrImagePull: "image can't be pulled",
  ImagePullBackOff: "trying and failing to pull image",
};

const quoted = (text: string): string => JSON.stringify(text);

/** Throws `not-found` for a pod or container that is not there, `invalid` for one that has written nothing yet. */
export function containerWithLog(
  pods: PodManager,
  namespace: string,
  pod: string,
  container: string,
  { previous = false }: { readonly previous?: boolean } = {},
): FoundContainer {
  const found = pods.container(namespace, pod, container, { previous });
  if (found !== undefined) return found;
  const view = pods.get(namespace, pod);
  if (view === undefined) throw new NodeletError("not-found", `pod ${quoted(pod)} does not exist`);
  const [name, of] = [quoted(container), quoted(pod)];
  if (!hasContainer(view, container)) throw new NodeletError("not-found", `container ${name} not found in pod ${of}`);
  if (previous) throw new NodeletError("invalid", `previous terminated container ${name} in pod ${of} not found`);
  const reason = waitingReason(view, container);
  throw new NodeletError(
    "invalid",
    reason === undefined
      ? `container ${name} in pod ${of} is waiting to start - no logs yet`
      : `container ${name} in pod ${of} is waiting to start: ${WAITING[reason] ?? reason}`,
  );
}

/** Throws `not-found` for a pod that is not there or has another uid, and for a container that there is not. */
export function containerToEnter(
  pods: PodManager,
  { namespace, pod, uid, container }: { namespace: string; pod: string; uid: string | undefined; container: string },
): string {
  requirePod(pods, namespace, pod, uid);
  const id = pods.container(namespace, pod, container)?.id;
  if (id === undefined) throw new NodeletError("not-found", `container not found (${quoted(container)})`);
  return id;
}

/** A static pod goes by its own uid and by that of its mirror. Throws `not-found`. */
export function requirePod(pods: PodManager, namespace: string, pod: string, uid: string | undefined): PodView {
  const view = pods.get(namespace, pod);
  if (view === undefined) throw new NodeletError("not-found", "pod does not exist");
  if (uid !== undefined && view.source === "api" && view.pod.metadata?.uid !== uid)
    throw new NodeletError("not-found", "pod not found");
  return view;
}

export function hasContainer({ pod: { spec } }: PodView, container: string): boolean {
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])].some(
    ({ name }) => name === container,
  );
}

function waitingReason({ pod: { status } }: PodView, container: string): string | undefined {
  const { initContainerStatuses = [], containerStatuses = [], ephemeralContainerStatuses = [] } = status;
  const all = [...initContainerStatuses, ...containerStatuses, ...ephemeralContainerStatuses];
  return all.find(({ name }) => name === container)?.state?.waiting?.reason;
}
