// What a name on the command line means: a pod, a container or an image.

import { NodeletError } from "../base/errors.ts";
import type { Image } from "../images/images.ts";
import type { PodManager, PodView } from "../pods/manager.ts";
import type { ServerDeps } from "./deps.ts";

export type TargetKind = "pod" | "container" | "image";

export type Target =
  | { readonly kind: "container"; readonly id: string }
  | {
      readonly kind: "pod";
      /** Undefined for a sandbox that no pod known to the agent owns. */
      readonly pod: { readonly namespace: string; readonly name: string } | undefined;
      readonly sandboxId: string | undefined;
    }
  | { readonly kind: "image"; readonly image: Image };

export interface TargetOptions {
  /** @default "default" */
  readonly namespace: string | undefined;
  /** The container of the pod that is named. */
  readonly container: string | undefined;
  /** Nothing else is looked for. */
  readonly kind: TargetKind | undefined;
  /** @default true */
  readonly images?: boolean;
}

/** An id may be shortened to this many digits. */
const ID_PREFIX_MIN = 4;

export function kindOf(value: string | null): TargetKind | undefined {
  if (value === null || value === "") return undefined;
  if (value === "pod" || value === "container" || value === "image") return value;
  throw new NodeletError("invalid", `${JSON.stringify(value)} is none of pod, container and image`, { where: "kind" });
}

/**
 * The newest attempt of a container, or the one before with `previous`. Throws `not-found` that says which part of the name is
 * wrong.
 */
export function requireContainer(
  pods: PodManager,
  namespace: string,
  pod: string,
  container: string,
  options: { previous?: boolean } = {},
): { readonly id: string; readonly logPath: string } {
  const found = pods.container(namespace, pod, container, options);
  if (found !== undefined) return found;
  const view = pods.get(namespace, pod);
  if (view === undefined) {
    throw new NodeletError("not-found", `there is no pod ${namespace}/${pod}`, {
      fix: "list them with `nodelet pods`",
    });
  }
  const names = containerNames(view);
  if (!names.includes(container)) {
    throw new NodeletError("not-found", `pod ${namespace}/${pod} has no container ${JSON.stringify(container)}`, {
      fix: `name one of ${names.join(", ")}`,
    });
  }
  if (options.previous === true && pods.container(namespace, pod, container) !== undefined) {
    throw new NodeletError("not-found", `container ${container} of pod ${namespace}/${pod} has no run before this one`);
  }
  const problem = view.problem === undefined ? waitingReason(view, container) : `: ${view.problem}`;
  throw new NodeletError(
    "conflict",
    `container ${container} of pod ${namespace}/${pod} has not started yet${problem}`,
    {
      fix: `see \`nodelet events ${namespace}/${pod}\` for what it waits for`,
    },
  );
}

function containerNames(view: PodView): string[] {
  const { spec } = view.pod;
  return [...(spec?.initContainers ?? []), ...(spec?.containers ?? []), ...(spec?.ephemeralContainers ?? [])].map(
    ({ name }) => name,
  );
}

function waitingReason(view: PodView, container: string): string {
  const { status } = view.pod;
  const statuses = [...(status.initContainerStatuses ?? []), ...(status.containerStatuses ?? [])];
  const waiting = statuses.find(({ name }) => name === container)?.state?.waiting;
  return waiting?.reason === undefined
    ? ""
    : ` (${waiting.reason}${waiting.message === undefined ? "" : `: ${waiting.message}`})`;
}

/**
 * Names in the order they are tried: `namespace/pod/container`, `namespace/pod` or `pod/container`, a pod, the id of a
 * container or sandbox or its beginning, a container that only one pod has, an image.
 */
export async function findTarget(
  { pods, cri, images }: Pick<ServerDeps, "pods" | "cri" | "images">,
  name: string,
  options: TargetOptions,
): Promise<Target> {
  const { namespace = "default", kind } = options;
  const wants = (candidate: TargetKind): boolean => kind === undefined || kind === candidate;
  const containerOf = (podNamespace: string, pod: string, container: string): Target => ({
    kind: "container",
    id: requireContainer(pods, podNamespace, pod, container).id,
  });
  const podTarget = (podNamespace: string, pod: string): Target => ({
    kind: "pod",
    pod: { namespace: podNamespace, name: pod },
    sandboxId: pods.sandboxId(podNamespace, pod),
  });

  const parts = name.split("/");
  const [first = "", second = "", third = ""] = parts;
  if (options.container !== undefined) {
    return parts.length === 2
      ? containerOf(first, second, options.container)
      : containerOf(namespace, name, options.container);
  }
  if (parts.length === 3 && wants("container") && pods.get(first, second) !== undefined)
    return containerOf(first, second, third);
  if (parts.length === 2) {
    const asPod = wants("pod") && pods.get(first, second) !== undefined;
    const asContainer = wants("container") && pods.container(namespace, first, second) !== undefined;
    if (asPod && asContainer) {
      throw new NodeletError("invalid", `${name} is a pod, and also a container of pod ${namespace}/${first}`, {
        fix: `write ${namespace}/${name} for the container; a pod alone is meant with \`-n ${first} ${second}\``,
      });
    }
    if (asPod) return podTarget(first, second);
    if (asContainer || (wants("container") && pods.get(namespace, first) !== undefined))
      return containerOf(namespace, first, second);
  }
  if (parts.length === 1) {
    if (wants("pod") && pods.get(namespace, name) !== undefined) return podTarget(namespace, name);
    const byId =
      /^[0-9a-f]+$/.test(name) && name.length >= ID_PREFIX_MIN ? await findId(cri, pods, name, wants) : undefined;
    if (byId !== undefined) return byId;
    if (wants("container")) {
      const owners = pods
        .list()
        .filter((view) => view.pod.metadata?.namespace === namespace)
        .map((view) => view.pod.metadata?.name ?? "")
        .filter((pod) => pods.container(namespace, pod, name) !== undefined);
      if (owners.length > 1) {
        throw new NodeletError("invalid", `${owners.length} pods have a container ${name}`, {
          fix: `write ${owners.map((pod) => `${pod}/${name}`).join(" or ")}`,
        });
      }
      if (owners[0] !== undefined) return containerOf(namespace, owners[0], name);
    }
  }
  if (wants("image") && options.images !== false) {
    const image = images.find(name);
    if (image !== undefined) return { kind: "image", image };
  }
  const what = kind ?? (options.images === false ? "pod or container" : "pod, container or image");
  throw new NodeletError(
    "not-found",
    `there is no ${what} ${JSON.stringify(name)}${parts.length === 1 ? ` in namespace ${namespace}` : ""}`,
    {
      fix: "list them with `nodelet pods`, `nodelet ps` and `nodelet images`",
    },
  );
}

async function findId(
  cri: ServerDeps["cri"],
  pods: PodManager,
  prefix: string,
  wants: (kind: TargetKind) => boolean,
): Promise<Target | undefined> {
  const [{ containers = [] }, { items = [] }] = await Promise.all([cri.listContainers({}), cri.listPodSandbox({})]);
  const found: Target[] = [];
  const exact: Target[] = [];
  const add = (id: string, target: Target): void => {
    if (id.startsWith(prefix)) found.push(target);
    if (id === prefix) exact.push(target);
  };
  for (const { id = "" } of wants("container") ? containers : []) add(id, { kind: "container", id });
  for (const { id = "", metadata } of wants("pod") ? items : []) {
    const { namespace = "", name = "" } = metadata ?? {};
    // An old sandbox of a pod that has a new one is looked at on its own.
    const current = pods.sandboxId(namespace, name) === id;
    add(id, { kind: "pod", pod: current ? { namespace, name } : undefined, sandboxId: id });
  }
  const candidates = exact.length > 0 ? exact : found;
  if (candidates.length > 1) {
    throw new NodeletError("invalid", `${candidates.length} ids begin with ${prefix}`, { fix: "write more digits" });
  }
  return candidates[0];
}

/** CRI's verbose info holds JSON in strings; other runtimes put plain text there. */
export function decodeInfo(info: Readonly<Record<string, string>> | undefined): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(info ?? {}).map(([key, text]) => {
      try {
        return [key, JSON.parse(text) as unknown];
      } catch {
        return [key, text];
      }
    }),
  );
}
