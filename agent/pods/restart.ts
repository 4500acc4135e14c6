// Whether a container that ended is run again: its own rules, its own policy, the pod's policy, in that order (KEP-5307). Pure.

import type { V1Container } from "@kubernetes/client-node";

import type { DecodedPod } from "./schema/decode.ts";

type RestartAction = "Restart" | "RestartAllContainers";

/** The action of the first rule that the exit code meets. */
export function matchingRule(container: V1Container, exitCode: number): RestartAction | undefined {
  for (const { action, exitCodes } of container.restartPolicyRules ?? []) {
    const listed = exitCodes?.values?.includes(exitCode) === true;
    const meets = exitCodes?.operator === "NotIn" ? !listed : listed;
    if (exitCodes !== undefined && meets && (action === "Restart" || action === "RestartAllContainers")) return action;
  }
  return undefined;
}

/** Of a container that ended with `exitCode`. An init container that succeeded has done its part. */
export function restarts(container: V1Container, pod: DecodedPod, exitCode: number): boolean {
  if (matchingRule(container, exitCode) !== undefined) return true;
  switch (container.restartPolicy ?? pod.spec.restartPolicy) {
    case "Never":
      return false;
    case "OnFailure":
      return exitCode !== 0;
    default:
      return true;
  }
}
