// core/v1 Pod as a table: every field, its shape, and whether it works here. The fields that do not are listed too, so that a
// manifest which uses one is told so and not that the field is unknown.

import { isExtendedResource } from "../../../deviceplugins/resource-names.ts";
import * as rules from "./rules.ts";
import {
  bool,
  inert,
  int,
  intOrName,
  later,
  list,
  map,
  object,
  oneOf,
  quantity,
  refused,
  string,
} from "../../base/shapes.ts";
import type { Fields, Shape } from "../../base/shapes.ts";

const INT32 = 2 ** 31 - 1;
/** As far as a number of JSON is exact. */
const INT64 = Number.MAX_SAFE_INTEGER;

const id = int(0, INT32);
const port = int(1, 65535);
const scheduling = inert("a pod from a manifest is not scheduled");
const api = inert("it is the API server's");

export const metadataFields: Fields = {
  name: string(rules.dnsSubdomain),
  namespace: string(rules.dnsLabel),
  uid: string(rules.uidName),
  labels: map(string(rules.labelValue), rules.qualifiedName),
  annotations: map(string(), (key) => rules.qualifiedName(key.toLowerCase())),
  generateName: later("Set name"),
  creationTimestamp: api,
  deletionGracePeriodSeconds: api,
  deletionTimestamp: api,
  finalizers: api,
  generation: api,
  managedFields: api,
  ownerReferences: api,
  resourceVersion: api,
  selfLink: api,
};

const execAction = object({ command: list(string(), 1) }, ["command"]);
const portOrName = intOrName(1, 65535, rules.portName);
const httpGetAction = object(
  {
    host: string(),
    httpHeaders: list(object({ name: string(rules.headerName), value: string(rules.headerValue) }, ["name"])),
    path: string(),
    port: portOrName,
    scheme: oneOf("HTTP", "HTTPS"),
  },
  ["port"],
);
const tcpSocketAction = object({ host: string(), port: portOrName }, ["port"]);

const handlerFields: Fields = {
  exec: execAction,
  sleep: object({ seconds: int(0, INT64) }, ["seconds"]),
  httpGet: httpGetAction,
  // Accepted by the API for old manifests; such a hook fails when it is run.
  tcpSocket: tcpSocketAction,
};

/** 0 stands for the default. */
const probeNumber = int(0, INT32);
const probe = object({
  exec: execAction,
  httpGet: httpGetAction,
  tcpSocket: tcpSocketAction,
  grpc: object({ port, service: string() }, ["port"]),
  initialDelaySeconds: probeNumber,
  periodSeconds: probeNumber,
  timeoutSeconds: probeNumber,
  successThreshold: probeNumber,
  failureThreshold: probeNumber,
  terminationGracePeriodSeconds: int(1, INT32),
});

const restartPolicyRules = list(
  object(
    {
      action: oneOf("Restart", "RestartAllContainers"),
      exitCodes: object({ operator: oneOf("In", "NotIn"), values: list(int(0, 255)) }, ["operator"]),
    },
    ["action", "exitCodes"],
  ),
);

const stopSignals =
  /^SIG(ABRT|ALRM|BUS|CHLD|CLD|CONT|FPE|HUP|ILL|INT|IO|IOT|KILL|PIPE|POLL|PROF|PWR|QUIT|SEGV|STKFLT|STOP|SYS|TERM|TRAP|TSTP|TTIN|TTOU|URG|USR1|USR2|VTALRM|WINCH|XCPU|XFSZ|RTMIN(\+([1-9]|1[0-5]))?|RTMAX(-([1-9]|1[0-4]))?)$/;

const seccompProfile = object(
  { type: oneOf("RuntimeDefault", "Unconfined", "Localhost"), localhostProfile: string() },
  ["type"],
);
const windows = refused("this node runs Linux");
const appArmorProfile = object(
  { type: oneOf("RuntimeDefault", "Unconfined", "Localhost"), localhostProfile: string() },
  ["type"],
);
const seLinuxOptions = object({ user: string(), role: string(), type: string(), level: string() });

export const securityContextFields: Fields = {
  runAsUser: id,
  runAsGroup: id,
  runAsNonRoot: bool,
  privileged: bool,
  readOnlyRootFilesystem: bool,
  allowPrivilegeEscalation: bool,
  capabilities: object({ add: list(string(rules.capability)), drop: list(string(rules.capability)) }),
  seccompProfile,
  procMount: oneOf("Default", "Unmasked"),
  appArmorProfile,
  seLinuxOptions,
  windowsOptions: windows,
};

export const podSecurityContextFields: Fields = {
  runAsUser: id,
  runAsGroup: id,
  runAsNonRoot: bool,
  supplementalGroups: list(id),
  supplementalGroupsPolicy: oneOf("Merge", "Strict"),
  fsGroup: id,
  fsGroupChangePolicy: oneOf("Always", "OnRootMismatch"),
  seccompProfile,
  sysctls: list(object({ name: string(rules.sysctlName), value: string() }, ["name", "value"])),
  appArmorProfile,
  seLinuxChangePolicy: oneOf("MountOption", "Recursive"),
  seLinuxOptions,
  windowsOptions: windows,
};

const resourceName = (key: string): string | undefined => {
  if (["cpu", "memory", "ephemeral-storage"].includes(key)) return undefined;
  if (key.startsWith("hugepages-")) return "is not supported yet";
  return isExtendedResource(key)
    ? undefined
    : "must be cpu, memory, ephemeral-storage or a resource of a device plugin";
};

/** Of what is more than one container's. */
const ownResourceName = (key: string): string | undefined =>
  isExtendedResource(key) ? "is a resource of a device plugin, which only containers have" : resourceName(key);

export const resourcesFields: Fields = {
  limits: map(quantity, resourceName),
  requests: map(quantity, resourceName),
  claims: refused("resource claims are objects of an API server; a pod from a manifest has none"),
};

const keyRef = object({ name: string(rules.dnsSubdomain), key: string(rules.notEmpty), optional: bool }, [
  "name",
  "key",
]);

/** Of the pod as a whole. */
const podResourcesFields: Fields = {
  limits: map(quantity, ownResourceName),
  requests: map(quantity, ownResourceName),
  claims: refused("claims are those of a container"),
};

export const envFields: Fields = {
  name: string(rules.envName),
  value: string(),
  valueFrom: object({
    fieldRef: object({ apiVersion: oneOf("", "v1"), fieldPath: string() }, ["fieldPath"]),
    resourceFieldRef: object({ containerName: string(), resource: string(), divisor: quantity }, ["resource"]),
    configMapKeyRef: keyRef,
    secretKeyRef: keyRef,
    fileKeyRef: object(
      {
        volumeName: string(rules.dnsLabel),
        path: string(rules.payloadPath),
        key: string(rules.envName),
        optional: bool,
      },
      ["volumeName", "path", "key"],
    ),
  }),
};

const objectRef = object({ name: string(rules.dnsSubdomain), optional: bool }, ["name"]);
const envFromFields: Fields = { prefix: string(rules.envName), configMapRef: objectRef, secretRef: objectRef };

export const volumeMountFields: Fields = {
  name: string(),
  mountPath: string(rules.mountPath),
  readOnly: bool,
  mountPropagation: oneOf("None", "HostToContainer", "Bidirectional"),
  recursiveReadOnly: oneOf("Disabled", "IfPossible", "Enabled"),
  subPath: string(rules.partPath),
  subPathExpr: string(rules.partPath),
};

export const containerFields: Fields = {
  name: string(rules.dnsLabel),
  image: string(rules.image),
  imagePullPolicy: oneOf("Always", "IfNotPresent", "Never"),
  command: list(string()),
  args: list(string()),
  workingDir: string(),
  env: list(object(envFields, ["name"])),
  envFrom: list(object(envFromFields)),
  ports: list(
    object(
      {
        containerPort: port,
        hostPort: port,
        hostIP: string(rules.ipAddress),
        name: string(rules.portName),
        protocol: oneOf("TCP", "UDP", "SCTP"),
      },
      ["containerPort"],
    ),
  ),
  resources: object(resourcesFields),
  resizePolicy: inert("with other resources a pod from a manifest is another pod"),
  restartPolicy: oneOf("Always", "OnFailure", "Never"),
  restartPolicyRules,
  securityContext: object(securityContextFields),
  lifecycle: object({
    preStop: object(handlerFields),
    postStart: object(handlerFields),
    stopSignal: string((value) =>
      stopSignals.test(value) ? undefined : "must be the name of a signal, such as SIGTERM",
    ),
  }),
  stdin: bool,
  stdinOnce: bool,
  tty: bool,
  terminationMessagePath: string(rules.absolutePath),
  terminationMessagePolicy: oneOf("File", "FallbackToLogsOnError"),
  volumeMounts: list(object(volumeMountFields, ["name", "mountPath"])),
  volumeDevices: later("Use volumeMounts"),
  livenessProbe: probe,
  readinessProbe: probe,
  startupProbe: probe,
};

export const HOST_PATH_TYPES = [
  "",
  "DirectoryOrCreate",
  "Directory",
  "FileOrCreate",
  "File",
  "Socket",
  "CharDevice",
  "BlockDevice",
];

const laterVolume = later("Use emptyDir, hostPath, configMap, secret, downwardAPI, projected or image");
const gone = later("Kubernetes has removed it; use a CSI driver or a hostPath");
const needsServer = "It needs an API server; a pod from a manifest has none";

/** As YAML reads 0644, and as JSON has it: 420. */
const fileMode = int(0, 0o777);
const items = list(
  object({ key: string(rules.notEmpty), path: string(rules.payloadPath), mode: fileMode }, ["key", "path"]),
);
const downwardItems = list(
  object(
    {
      path: string(rules.payloadPath),
      mode: fileMode,
      fieldRef: object({ apiVersion: oneOf("", "v1"), fieldPath: string() }, ["fieldPath"]),
      resourceFieldRef: object({ containerName: string(), resource: string(), divisor: quantity }, [
        "containerName",
        "resource",
      ]),
    },
    ["path"],
  ),
);
const projection: Fields = {
  configMap: object({ name: string(rules.dnsSubdomain), items, optional: bool }, ["name"]),
  secret: object({ name: string(rules.dnsSubdomain), items, optional: bool }, ["name"]),
  downwardAPI: object({ items: downwardItems }),
  serviceAccountToken: later(needsServer),
  clusterTrustBundle: later(needsServer),
  podCertificate: later(needsServer),
};

export const volumeFields: Fields = {
  name: string(rules.dnsLabel),
  emptyDir: object({ medium: string(rules.emptyDirMedium), sizeLimit: quantity }),
  hostPath: object({ path: string(rules.hostPath), type: oneOf(...HOST_PATH_TYPES) }, ["path"]),
  configMap: object({ name: string(rules.dnsSubdomain), items, optional: bool, defaultMode: fileMode }, ["name"]),
  secret: object({ secretName: string(rules.dnsSubdomain), items, optional: bool, defaultMode: fileMode }, [
    "secretName",
  ]),
  downwardAPI: object({ items: downwardItems, defaultMode: fileMode }),
  projected: object({ sources: list(object(projection)), defaultMode: fileMode }, ["sources"]),
  csi: laterVolume,
  ephemeral: later(needsServer),
  fc: laterVolume,
  flexVolume: laterVolume,
  image: object({ reference: string(rules.image), pullPolicy: oneOf("Always", "IfNotPresent", "Never") }, [
    "reference",
  ]),
  iscsi: laterVolume,
  nfs: laterVolume,
  persistentVolumeClaim: object({ claimName: string(rules.dnsSubdomain), readOnly: bool }, ["claimName"]),
  awsElasticBlockStore: gone,
  azureDisk: gone,
  azureFile: gone,
  cephfs: gone,
  cinder: gone,
  flocker: gone,
  gcePersistentDisk: gone,
  gitRepo: gone,
  glusterfs: gone,
  photonPersistentDisk: gone,
  portworxVolume: gone,
  quobyte: gone,
  rbd: gone,
  scaleIO: gone,
  storageos: gone,
  vsphereVolume: gone,
};

/** Of a node. */
const requirements = list(
  object(
    {
      key: string(rules.qualifiedName),
      operator: oneOf("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt"),
      values: list(string()),
    },
    ["key", "operator"],
  ),
);

export const specFields: Fields = {
  containers: list(object(containerFields, ["name", "image"]), 1),
  initContainers: list(object(containerFields, ["name", "image"])),
  ephemeralContainers: refused("ephemeral containers can only be added to a pod that runs"),
  volumes: list(object(volumeFields, ["name"])),
  imagePullSecrets: list(object({ name: string(rules.dnsSubdomain) }, ["name"])),
  restartPolicy: oneOf("Always", "OnFailure", "Never"),
  terminationGracePeriodSeconds: int(0, INT32),
  dnsPolicy: oneOf("ClusterFirst", "ClusterFirstWithHostNet", "Default", "None"),
  dnsConfig: object({
    nameservers: list(string(rules.ipAddress)),
    searches: list(string(rules.searchDomain)),
    options: list(object({ name: string(rules.notEmpty), value: string() }, ["name"])),
  }),
  hostNetwork: bool,
  hostPID: bool,
  hostIPC: bool,
  hostUsers: bool,
  shareProcessNamespace: bool,
  hostname: string(rules.dnsLabel),
  subdomain: string(rules.dnsLabel),
  setHostnameAsFQDN: bool,
  hostnameOverride: string(rules.hostnameOverride),
  hostAliases: list(object({ ip: string(rules.ipAddress), hostnames: list(string(rules.dnsSubdomain)) }, ["ip"])),
  securityContext: object(podSecurityContextFields),
  os: object({ name: oneOf("linux") }, ["name"]),
  activeDeadlineSeconds: int(1, INT32),
  overhead: map(quantity, ownResourceName),
  readinessGates: list(object({ conditionType: string(rules.qualifiedName) }, ["conditionType"])),
  resourceClaims: refused("resource claims are objects of an API server; a pod from a manifest has none"),
  resources: object(podResourcesFields),
  runtimeClassName: string(rules.dnsSubdomain),
  schedulingGates: scheduling,
  affinity: object({
    nodeAffinity: object({
      requiredDuringSchedulingIgnoredDuringExecution: object(
        { nodeSelectorTerms: list(object({ matchExpressions: requirements, matchFields: requirements }), 1) },
        ["nodeSelectorTerms"],
      ),
      preferredDuringSchedulingIgnoredDuringExecution: scheduling,
    }),
    podAffinity: scheduling,
    podAntiAffinity: scheduling,
  }),
  nodeName: inert("a pod from a manifest is for the node that has the manifest"),
  nodeSelector: map(string(rules.labelValue), rules.qualifiedName),
  preemptionPolicy: scheduling,
  priority: scheduling,
  priorityClassName: scheduling,
  schedulerName: scheduling,
  schedulingGroup: scheduling,
  tolerations: scheduling,
  topologySpreadConstraints: scheduling,
  automountServiceAccountToken: api,
  enableServiceLinks: api,
  serviceAccount: api,
  serviceAccountName: api,
};

export const podShape: Shape = object(
  {
    apiVersion: oneOf("v1"),
    kind: oneOf("Pod"),
    metadata: object(metadataFields, ["name"]),
    spec: object(specFields, ["containers"]),
    status: api,
  },
  ["apiVersion", "kind", "metadata", "spec"],
);
