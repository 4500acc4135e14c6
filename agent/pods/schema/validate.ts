// What the tables cannot say: rules between the fields of a pod, as the API server and the kubelet's admission have them.

import type { V1Container, V1LifecycleHandler, V1Pod } from "@kubernetes/client-node";

import { isExtendedResource } from "../../../deviceplugins/resource-names.ts";
import type { FieldPath } from "../../base/field-path.ts";
import { quantityMilli } from "../../base/quantity.ts";
import { nearest, show } from "../../base/shapes.ts";
import type { Problems } from "../../base/shapes.ts";
import { RESOURCE_FIELDS, validateVolumes } from "./volumes.ts";

/** Bytes of all annotations together. */
const MAX_ANNOTATIONS = 256 * 1024;
const MAX_NAMESERVERS = 3;
const MAX_SEARCHES = 32;

/** Namespaced and without effect on other pods; kubelet allows these without asking. */
const SAFE_SYSCTLS: ReadonlySet<string> = new Set([
  "kernel.shm_rmid_forced",
  "net.ipv4.ip_local_port_range",
  "net.ipv4.ip_local_reserved_ports",
  "net.ipv4.ip_unprivileged_port_start",
  "net.ipv4.ping_group_range",
  "net.ipv4.tcp_fin_timeout",
  "net.ipv4.tcp_keepalive_intvl",
  "net.ipv4.tcp_keepalive_probes",
  "net.ipv4.tcp_keepalive_time",
  "net.ipv4.tcp_rmem",
  "net.ipv4.tcp_syncookies",
  "net.ipv4.tcp_wmem",
]);

/** Namespaced, so that allowing one on a node can work at all. */
const IPC_SYSCTLS = /^(kernel\.(shm|msg)|kernel\.sem$|fs\.mqueue\.)/;
const NET_SYSCTLS = /^net\./;

const FIELD_REFS = [
  "metadata.name",
  "metadata.namespace",
  "metadata.uid",
  "spec.nodeName",
  "spec.serviceAccountName",
  "status.hostIP",
  "status.hostIPs",
  "status.podIP",
  "status.podIPs",
];

export interface ValidationOptions {
  /** Names, or prefixes ending in `*`, that the node allows beside the safe ones. */
  readonly allowedUnsafeSysctls?: readonly string[] | undefined;
}

/** Checks the relations inside a pod whose shape is right and that has its defaults. */
export function validatePod(pod: V1Pod, options: ValidationOptions, problems: Problems): void {
  validateMetadata(pod, problems);
  const spec = pod.spec;
  if (spec === undefined) return;
  const at = (...path: FieldPath): FieldPath => ["spec", ...path];

  const volumes = validateVolumes(pod, problems);

  const names = new Map<string, string>();
  const hostPorts = new Set<string>();
  const groups = [
    { list: "initContainers", containers: spec.initContainers ?? [] },
    { list: "containers", containers: spec.containers },
  ] as const;
  for (const { list, containers } of groups) {
    for (const [index, container] of containers.entries()) {
      const path = at(list, index);
      if (names.has(container.name)) {
        problems.add(
          [...path, "name"],
          `Container name ${show(container.name)} is used twice`,
          "Give each container its own name",
        );
      }
      names.set(container.name, list);
      validateContainer(container, path, list === "initContainers", pod, volumes, hostPorts, problems);
    }
  }

  validateDns(pod, problems);
  validateHostNamespaces(pod, options, problems);
}

function validateMetadata(pod: V1Pod, problems: Problems): void {
  let bytes = 0;
  for (const [key, value] of Object.entries(pod.metadata?.annotations ?? {})) bytes += key.length + value.length;
  if (bytes > MAX_ANNOTATIONS) {
    problems.add(["metadata", "annotations"], `Must have at most ${MAX_ANNOTATIONS} bytes: it has ${bytes}`);
  }
}

function validateContainer(
  container: V1Container,
  path: FieldPath,
  init: boolean,
  pod: V1Pod,
  volumes: ReadonlySet<string>,
  hostPorts: Set<string>,
  problems: Problems,
): void {
  const sidecar = init && container.restartPolicy === "Always";
  validateRestart(container, path, problems);

  const portNames = new Set<string>();
  for (const [index, port] of (container.ports ?? []).entries()) {
    const portPath = [...path, "ports", index];
    if (port.name !== undefined) {
      if (portNames.has(port.name)) problems.add([...portPath, "name"], `Port name ${show(port.name)} is used twice`);
      portNames.add(port.name);
    }
    if (port.hostPort === undefined) continue;
    if (pod.spec?.hostNetwork === true && port.hostPort !== port.containerPort) {
      problems.add(
        [...portPath, "hostPort"],
        `Must equal containerPort ${port.containerPort} with hostNetwork: it is ${port.hostPort}`,
      );
    }
    const key = `${port.protocol ?? "TCP"} ${port.hostIP ?? ""} ${port.hostPort}`;
    if (hostPorts.has(key))
      problems.add([...portPath, "hostPort"], `Host port ${port.hostPort} is used twice in the pod`);
    hostPorts.add(key);
  }

  for (const [index, variable] of (container.env ?? []).entries()) {
    const envPath = [...path, "env", index];
    const from = variable.valueFrom;
    if (from === undefined) continue;
    if (variable.value !== undefined && variable.value !== "") {
      problems.add([...envPath, "valueFrom"], "Must not be set together with value", undefined, "key");
    }
    const sources = Object.keys(from);
    if (sources.length !== 1) problems.add([...envPath, "valueFrom"], "Must have exactly one source, such as fieldRef");
    if (from.fieldRef !== undefined)
      validateFieldRef(from.fieldRef.fieldPath, [...envPath, "valueFrom", "fieldRef", "fieldPath"], problems);
    if (from.fileKeyRef !== undefined) {
      const { volumeName } = from.fileKeyRef;
      const at = [...envPath, "valueFrom", "fileKeyRef", "volumeName"];
      const volume = pod.spec?.volumes?.find(({ name }) => name === volumeName);
      if (volume === undefined) problems.add(at, `The pod has no volume ${show(volumeName)}`);
      else if (volume.emptyDir === undefined) problems.add(at, `Must be an emptyDir: ${show(volumeName)} is none`);
    }
    if (from.resourceFieldRef !== undefined) {
      const { resource, containerName } = from.resourceFieldRef;
      const refPath = [...envPath, "valueFrom", "resourceFieldRef"];
      if (!RESOURCE_FIELDS.includes(resource)) {
        problems.add([...refPath, "resource"], `Must be one of ${RESOURCE_FIELDS.join(", ")}: it is ${show(resource)}`);
      }
      const all = [...(pod.spec?.initContainers ?? []), ...(pod.spec?.containers ?? [])];
      if (containerName !== undefined && containerName !== "" && !all.some((item) => item.name === containerName)) {
        problems.add([...refPath, "containerName"], `The pod has no container ${show(containerName)}`);
      }
    }
  }

  const mountPaths = new Set<string>();
  const imageVolumes = new Set(
    (pod.spec?.volumes ?? []).filter(({ image }) => image !== undefined).map(({ name }) => name),
  );
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const mountPath = [...path, "volumeMounts", index];
    if (!volumes.has(mount.name)) {
      const near = nearest(mount.name, [...volumes]);
      problems.add(
        [...mountPath, "name"],
        `The pod has no volume ${show(mount.name)}`,
        near === undefined ? `Add ${mount.name} to spec.volumes` : `Did you mean ${near}?`,
      );
    }
    const normal = mount.mountPath.replace(/\/+$/, "") || "/";
    if (mountPaths.has(normal)) problems.add([...mountPath, "mountPath"], `${show(mount.mountPath)} is mounted twice`);
    mountPaths.add(normal);
    if ((mount.subPathExpr ?? "") !== "" && imageVolumes.has(mount.name))
      problems.add([...mountPath, "subPathExpr"], "An image has no subPathExpr", "Write subPath", "key");
    if ((mount.subPath ?? "") !== "" && (mount.subPathExpr ?? "") !== "") {
      problems.add([...mountPath, "subPathExpr"], "Must not be set together with subPath", undefined, "key");
    }
    if (mount.mountPropagation === "Bidirectional" && container.securityContext?.privileged !== true) {
      problems.add(
        [...mountPath, "mountPropagation"],
        "Bidirectional needs a privileged container",
        "Set securityContext.privileged: true",
      );
    }
    if (mount.recursiveReadOnly !== undefined && mount.recursiveReadOnly !== "Disabled") {
      if (mount.readOnly !== true) problems.add([...mountPath, "recursiveReadOnly"], "Needs readOnly: true");
      if (mount.mountPropagation !== undefined && mount.mountPropagation !== "None") {
        problems.add([...mountPath, "recursiveReadOnly"], "Cannot be combined with mountPropagation");
      }
    }
  }

  validateResources(container, path, problems);
  validateSecurity(container, path, pod, problems);
  validateEnvFrom(container, path, problems);
  validateProbes(container, path, init && !sidecar, problems);
  validateLifecycle(container, path, init && !sidecar, pod, problems);
}

/** The API server's limit. */
const MAX_RESTART_RULES = 20;
const MAX_EXIT_CODES = 255;

function validateRestart(container: V1Container, path: FieldPath, problems: Problems): void {
  const { restartPolicy, restartPolicyRules: rules } = container;
  if (rules === undefined) return;
  const at = [...path, "restartPolicyRules"];
  if (restartPolicy === undefined)
    problems.add(at, "Needs restartPolicy of the container", "Set the container's restartPolicy", "key");
  if (rules.length > MAX_RESTART_RULES)
    problems.add(at, `Must have at most ${MAX_RESTART_RULES} rules: it has ${rules.length}`);
  for (const [index, { exitCodes }] of rules.entries()) {
    const values = exitCodes?.values ?? [];
    const valuesAt = [...at, index, "exitCodes", "values"];
    if (values.length > MAX_EXIT_CODES) problems.add(valuesAt, `Must have at most ${MAX_EXIT_CODES} exit codes`);
    if (new Set(values).size < values.length) problems.add(valuesAt, "Must not have an exit code twice");
  }
}

function validateEnvFrom(container: V1Container, path: FieldPath, problems: Problems): void {
  for (const [index, { configMapRef, secretRef }] of (container.envFrom ?? []).entries()) {
    if ((configMapRef === undefined) === (secretRef === undefined))
      problems.add([...path, "envFrom", index], "Must have one of configMapRef and secretRef");
  }
}

const PROBES = ["livenessProbe", "readinessProbe", "startupProbe"] as const;
const PROBE_HANDLERS = ["exec", "httpGet", "tcpSocket", "grpc"] as const;

function validateProbes(container: V1Container, path: FieldPath, plainInit: boolean, problems: Problems): void {
  for (const kind of PROBES) {
    const probe = container[kind];
    if (probe === undefined) continue;
    const at = [...path, kind];
    if (plainInit) {
      const fix = "Make it a sidecar with restartPolicy: Always, or remove the probe";
      problems.add(at, "An init container has no probes", fix, "key");
      continue;
    }
    const handlers = PROBE_HANDLERS.filter((name) => probe[name] !== undefined);
    if (handlers.length !== 1) problems.add(at, `Must have exactly one of ${PROBE_HANDLERS.join(", ")}`);
    if (kind !== "readinessProbe" && (probe.successThreshold ?? 1) !== 1)
      problems.add([...at, "successThreshold"], `Must be 1: it is ${probe.successThreshold}`);
    if (kind === "readinessProbe" && probe.terminationGracePeriodSeconds !== undefined) {
      const field = [...at, "terminationGracePeriodSeconds"];
      problems.add(field, "A readiness probe ends no container", "Remove it", "key");
    }
    const port = probe.httpGet?.port ?? probe.tcpSocket?.port;
    if (typeof port === "string" && !(container.ports ?? []).some(({ name }) => name === port)) {
      const field = [...at, probe.httpGet === undefined ? "tcpSocket" : "httpGet", "port"];
      problems.add(field, `The container has no port named ${show(port)}`, "Name one of its ports so, or use a number");
    }
  }
}

function validateFieldRef(fieldPath: string, path: FieldPath, problems: Problems): void {
  if (FIELD_REFS.includes(fieldPath) || /^metadata\.(labels|annotations)\['[^']+'\]$/.test(fieldPath)) return;
  const known = [...FIELD_REFS, "metadata.labels['KEY']", "metadata.annotations['KEY']"];
  problems.add(path, `Must be one of ${known.join(", ")}: it is ${show(fieldPath)}`);
}

function validateResources(container: V1Container, path: FieldPath, problems: Problems): void {
  const limits = container.resources?.limits ?? {};
  for (const kind of ["limits", "requests"] as const) {
    for (const [name, value] of Object.entries(container.resources?.[kind] ?? {})) {
      const valuePath = [...path, "resources", kind, name];
      const amount = quantityMilli(value) ?? 0n;
      if (amount < 0n) problems.add(valuePath, `Must not be negative: it is ${value}`);
      const limit = limits[name];
      if (isExtendedResource(name)) {
        if (amount % 1000n !== 0n) problems.add(valuePath, `Must be a whole number: it is ${value}`);
        if (limit === undefined) problems.add(valuePath, "Needs a limit of the same: devices are not shared");
        else if (amount !== quantityMilli(limit))
          problems.add(valuePath, `Must be equal to the limit ${limit}: it is ${value}`);
        continue;
      }
      if (kind === "requests" && limit !== undefined && amount > (quantityMilli(limit) ?? 0n)) {
        problems.add(valuePath, `Must be at most the limit ${limit}: it is ${value}`);
      }
    }
  }
}

function validateSecurity(container: V1Container, path: FieldPath, pod: V1Pod, problems: Problems): void {
  const security = container.securityContext;
  const at = [...path, "securityContext"];
  if (security?.allowPrivilegeEscalation === false) {
    if (security.privileged === true) {
      problems.add([...at, "allowPrivilegeEscalation"], "Must not be false in a privileged container");
    }
    if (security.capabilities?.add?.some((name) => name === "CAP_SYS_ADMIN" || name === "SYS_ADMIN") === true) {
      problems.add([...at, "allowPrivilegeEscalation"], "Must not be false in a container that adds SYS_ADMIN");
    }
  }
  if (security?.procMount === "Unmasked" && pod.spec?.hostUsers !== false) {
    problems.add([...at, "procMount"], "Unmasked needs a user namespace of the pod", "Set spec.hostUsers: false");
  }
  const profiles = [
    { profile: security?.seccompProfile, at: [...at, "seccompProfile"] },
    { profile: security?.appArmorProfile, at: [...at, "appArmorProfile"] },
  ];
  if (path.at(-1) === 0 && path.includes("containers")) {
    for (const field of ["seccompProfile", "appArmorProfile"] as const)
      profiles.push({ profile: pod.spec?.securityContext?.[field], at: ["spec", "securityContext", field] });
  }
  for (const { profile, at: profilePath } of profiles) {
    if (profile === undefined) continue;
    const name = profile.localhostProfile;
    if (profile.type !== "Localhost") {
      if (name !== undefined)
        problems.add([...profilePath, "localhostProfile"], "Must be set only with type Localhost");
    } else if (name === undefined || name === "" || name.startsWith("/") || name.split("/").includes("..")) {
      const message = "Must be a relative path without '..' with type Localhost";
      problems.add(
        name === undefined ? profilePath : [...profilePath, "localhostProfile"],
        `localhostProfile: ${message}`,
      );
    }
  }
}

function validateLifecycle(
  container: V1Container,
  path: FieldPath,
  plainInit: boolean,
  pod: V1Pod,
  problems: Problems,
): void {
  const lifecycle = container.lifecycle;
  if (lifecycle === undefined) return;
  if (plainInit) {
    problems.add(
      [...path, "lifecycle"],
      "An init container has no hooks",
      "Make it a sidecar with restartPolicy: Always, or remove it",
      "key",
    );
    return;
  }
  for (const hook of ["postStart", "preStop"] as const) {
    const handler: V1LifecycleHandler | undefined = lifecycle[hook];
    if (handler === undefined) continue;
    const kinds = Object.keys(handler);
    if (kinds.length !== 1)
      problems.add([...path, "lifecycle", hook], "Must have exactly one of exec, httpGet and sleep");
    const seconds = handler.sleep?.seconds;
    const grace = pod.spec?.terminationGracePeriodSeconds ?? 0;
    if (seconds !== undefined && seconds > grace) {
      problems.add(
        [...path, "lifecycle", hook, "sleep", "seconds"],
        `Must be at most terminationGracePeriodSeconds ${grace}: it is ${seconds}`,
      );
    }
  }
}

function validateDns(pod: V1Pod, problems: Problems): void {
  const spec = pod.spec;
  const nameservers = spec?.dnsConfig?.nameservers ?? [];
  if (nameservers.length > MAX_NAMESERVERS) {
    problems.add(
      ["spec", "dnsConfig", "nameservers"],
      `Must have at most ${MAX_NAMESERVERS} entries: it has ${nameservers.length}`,
    );
  }
  const searches = spec?.dnsConfig?.searches ?? [];
  if (searches.length > MAX_SEARCHES) {
    problems.add(
      ["spec", "dnsConfig", "searches"],
      `Must have at most ${MAX_SEARCHES} entries: it has ${searches.length}`,
    );
  }
  if (spec?.dnsPolicy === "None" && nameservers.length === 0) {
    problems.add(["spec", "dnsPolicy"], "None needs at least one entry in spec.dnsConfig.nameservers");
  }
}

function validateHostNamespaces(pod: V1Pod, options: ValidationOptions, problems: Problems): void {
  const spec = pod.spec;
  if (spec === undefined) return;
  if (spec.hostPID === true && spec.shareProcessNamespace === true) {
    problems.add(["spec", "shareProcessNamespace"], "Cannot be combined with hostPID");
  }
  if (spec.hostUsers === false) {
    for (const field of ["hostNetwork", "hostPID", "hostIPC"] as const) {
      if (spec[field] === true) problems.add(["spec", field], "Cannot be combined with hostUsers: false");
    }
  }
  if (spec.hostnameOverride !== undefined && spec.hostnameOverride !== "") {
    for (const field of ["hostNetwork", "setHostnameAsFQDN"] as const) {
      if (spec[field] === true) problems.add(["spec", field], "Cannot be combined with hostnameOverride");
    }
  }
  const seen = new Set<string>();
  for (const [index, sysctl] of (spec.securityContext?.sysctls ?? []).entries()) {
    const path = ["spec", "securityContext", "sysctls", index, "name"];
    const name = sysctl.name.replaceAll("/", ".");
    if (seen.has(name)) problems.add(path, `Sysctl ${name} is set twice`);
    seen.add(name);
    const ipc = IPC_SYSCTLS.test(name);
    if (!ipc && !NET_SYSCTLS.test(name)) {
      problems.add(path, `Sysctl ${name} is not namespaced: it would change the whole node`);
    } else if (!isAllowedSysctl(name, options.allowedUnsafeSysctls ?? [])) {
      problems.add(
        path,
        `Sysctl ${name} is not on the list of safe ones`,
        `Start the agent with --allowed-unsafe-sysctls=${name}`,
      );
    } else if (ipc ? spec.hostIPC === true : spec.hostNetwork === true) {
      problems.add(
        path,
        `Sysctl ${name} would change the node, as the pod shares its ${ipc ? "IPC" : "network"} namespace`,
      );
    }
  }
}

/** A safe one, or one of those that the node allows besides; with dots in its name. */
export function isAllowedSysctl(name: string, unsafe: readonly string[]): boolean {
  if (SAFE_SYSCTLS.has(name)) return true;
  return unsafe.some((pattern) => (pattern.endsWith("*") ? name.startsWith(pattern.slice(0, -1)) : name === pattern));
}
