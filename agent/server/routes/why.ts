// GET /nodelet/v1/why: why a pod is not running. Query: name, namespace.

import { isNodeletError, NodeletError } from "../../base/errors.ts";
import { whyNot, type Why } from "../../pods/why.ts";
import type { ServerDeps } from "../deps.ts";
import { required, type Call } from "../http.ts";
import { readLog } from "../logs.ts";
import type { Route } from "../router.ts";

const TAIL_LINES = 5;
const TAIL_BYTES_MAX = 64 * 1024;
const LINE_LENGTH_MAX = 300;

export function whyRoute(deps: Pick<ServerDeps, "pods" | "problems" | "system" | "clock">): Route {
  const { pods } = deps;
  return {
    method: "GET",
    path: "/nodelet/v1/why",
    async handle(call) {
      const namespace = call.query.get("namespace") ?? "default";
      const name = required(call.query, "name");
      const view = pods.get(namespace, name);
      if (view === undefined) {
        call.json(whyMissing(`${namespace}/${name}`, deps.problems?.() ?? []));
        return;
      }
      const { initContainerStatuses = [], containerStatuses = [] } = view.pod.status;
      const tails = new Map<string, readonly string[]>();
      for (const status of [...initContainerStatuses, ...containerStatuses]) {
        tails.set(status.name, await logTail(deps, call, namespace, name, status.name));
      }
      call.json(
        whyNot({
          view,
          events: pods.events().filter(({ pod }) => pod === `${namespace}/${name}`),
          logTail: (container) => tails.get(container) ?? [],
        }),
      );
    },
  };
}

/** A pod that was never made: its manifest may be one of those that were rejected. */
function whyMissing(pod: string, problems: readonly string[]): Why {
  if (problems.length === 0) {
    throw new NodeletError("not-found", `there is no pod ${pod}, and no manifest was rejected`, {
      fix: "list the pods with `nodelet pods`",
    });
  }
  return {
    pod,
    well: false,
    chain: [
      { says: `there is no pod ${pod}`, evidence: [] },
      { says: `${problems.length} manifests are rejected; its own may be one of them`, evidence: problems },
    ],
    next: "correct the manifest: it is read again at once",
  };
}

async function logTail(
  { pods, system, clock }: Pick<ServerDeps, "pods" | "system" | "clock">,
  call: Call,
  namespace: string,
  pod: string,
  container: string,
): Promise<readonly string[]> {
  const logPath = pods.container(namespace, pod, container)?.logPath ?? "";
  if (logPath === "") return [];
  const chunks: Buffer[] = [];
  try {
    const options = { tailLines: TAIL_LINES, limitBytes: TAIL_BYTES_MAX };
    for await (const chunk of readLog(system, logPath, options, undefined, { clock, signal: call.signal })) {
      chunks.push(chunk);
    }
  } catch (error) {
    if (isNodeletError(error)) return []; // none, or none that can be read
    throw error;
  }
  return Buffer.concat(chunks)
    .toString()
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => line.slice(0, LINE_LENGTH_MAX));
}
