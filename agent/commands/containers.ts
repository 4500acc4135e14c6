// Which container of a pod is meant when none is named.

import type { PodView } from "../pods/manager.ts";
import { NodeletError } from "../base/errors.ts";
import type { Client } from "./client.ts";

/** As kubectl: the annotation names it, else it is the first. */
const DEFAULT_CONTAINER = "kubectl.kubernetes.io/default-container";

/** Remarks on a choice where there was one. Throws `not-found`. */
export async function chooseContainer(
  client: Client,
  namespace: string,
  name: string,
  named: string | undefined,
  warn: (text: string) => void,
): Promise<string> {
  if (named !== undefined) return named;
  const { pods } = await client.get<{ pods: PodView[] }>("/nodelet/v1/pods");
  const view = pods.find(({ pod }) => pod.metadata?.namespace === namespace && pod.metadata.name === name);
  if (view === undefined) {
    throw new NodeletError("not-found", `there is no pod ${namespace}/${name}`, {
      fix: "list them with `nodelet pods`",
    });
  }
  const names = (view.pod.spec?.containers ?? []).map((container) => container.name);
  const annotated = view.pod.metadata?.annotations?.[DEFAULT_CONTAINER];
  if (annotated !== undefined && names.includes(annotated)) return annotated;
  const [first = ""] = names;
  if (names.length > 1)
    warn(`container ${first} is meant, as none is named; the others are ${names.slice(1).join(", ")}`);
  return first;
}
