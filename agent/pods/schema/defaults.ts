// Defaults of core/v1 Pod, as the API server fills them in.

import type { V1Container, V1HTTPGetAction, V1Pod } from "@kubernetes/client-node";

const DEFAULT_GRACE_SECONDS = 30;
const DEFAULT_TERMINATION_MESSAGE_PATH = "/dev/termination-log";

/** Fills in what is absent, in place. */
export function applyDefaults(pod: V1Pod): void {
  const metadata = (pod.metadata ??= {});
  metadata.namespace ??= "default";
  const spec = pod.spec;
  if (spec === undefined) return;
  spec.restartPolicy ??= "Always";
  spec.terminationGracePeriodSeconds ??= DEFAULT_GRACE_SECONDS;
  spec.dnsPolicy ??= "ClusterFirst";
  spec.securityContext ??= {};
  if (spec.resources?.limits !== undefined)
    spec.resources.requests = { ...spec.resources.limits, ...spec.resources.requests };
  for (const volume of spec.volumes ?? []) {
    // A volume with nothing but a name is an emptyDir for the API server; here it is an error, found later.
    if (volume.hostPath !== undefined) volume.hostPath.type ??= "";
    if (volume.image !== undefined)
      volume.image.pullPolicy ??= tagOf(volume.image.reference ?? "") === "latest" ? "Always" : "IfNotPresent";
  }
  for (const container of [...(spec.initContainers ?? []), ...spec.containers, ...(spec.ephemeralContainers ?? [])]) {
    defaultContainer(container, spec.hostNetwork === true);
  }
}

function defaultContainer(container: V1Container, hostNetwork: boolean): void {
  container.imagePullPolicy ??= tagOf(container.image ?? "") === "latest" ? "Always" : "IfNotPresent";
  container.terminationMessagePath ??= DEFAULT_TERMINATION_MESSAGE_PATH;
  container.terminationMessagePolicy ??= "File";
  container.resources ??= {};
  const { limits, requests } = container.resources;
  if (limits !== undefined) {
    container.resources.requests = { ...limits, ...requests };
  }
  for (const port of container.ports ?? []) {
    port.protocol ??= "TCP";
    if (hostNetwork) port.hostPort ??= port.containerPort;
  }
  for (const probe of [container.livenessProbe, container.readinessProbe, container.startupProbe]) {
    if (probe === undefined) continue;
    // 0 is as good as absent.
    probe.timeoutSeconds ||= 1;
    probe.periodSeconds ||= 10;
    probe.successThreshold ||= 1;
    probe.failureThreshold ||= 3;
    if (probe.httpGet !== undefined) defaultHttpGet(probe.httpGet);
    if (probe.grpc !== undefined) probe.grpc.service ??= "";
  }
  for (const hook of [container.lifecycle?.postStart, container.lifecycle?.preStop])
    if (hook?.httpGet !== undefined) defaultHttpGet(hook.httpGet);
  for (const variable of container.env ?? []) {
    const reference = variable.valueFrom?.fieldRef;
    if (reference !== undefined) reference.apiVersion ??= "v1";
  }
}

function defaultHttpGet(action: V1HTTPGetAction): void {
  action.path ??= "/";
  action.scheme ??= "HTTP";
}

/** The tag of an image reference: `latest` when it has neither tag nor digest, empty with a digest only. */
export function tagOf(image: string): string {
  const [name = "", digest] = image.split("@");
  const colon = name.lastIndexOf(":");
  if (colon > name.lastIndexOf("/")) return name.slice(colon + 1);
  return digest === undefined ? "latest" : "";
}
