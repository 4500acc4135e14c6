// Generated from proto/cri/runtime.proto by scripts/gen-contract-types.ts. Do not edit.
// A missing field is the protobuf default; 64-bit integers are bigint.

/** What every call takes beside its request. */
export interface CallOptions {
  /** Aborting gives the call up; what it had acquired is undone. */
  signal?: AbortSignal | undefined;
}

export interface RuntimeService {
  version(request: VersionRequest, options?: CallOptions): Promise<VersionResponse>;
  runPodSandbox(request: RunPodSandboxRequest, options?: CallOptions): Promise<RunPodSandboxResponse>;
  stopPodSandbox(request: StopPodSandboxRequest, options?: CallOptions): Promise<StopPodSandboxResponse>;
  removePodSandbox(request: RemovePodSandboxRequest, options?: CallOptions): Promise<RemovePodSandboxResponse>;
  podSandboxStatus(request: PodSandboxStatusRequest, options?: CallOptions): Promise<PodSandboxStatusResponse>;
  listPodSandbox(request: ListPodSandboxRequest, options?: CallOptions): Promise<ListPodSandboxResponse>;
  streamPodSandboxes(request: StreamPodSandboxesRequest, options?: CallOptions): AsyncIterable<StreamPodSandboxesResponse>;
  createContainer(request: CreateContainerRequest, options?: CallOptions): Promise<CreateContainerResponse>;
  startContainer(request: StartContainerRequest, options?: CallOptions): Promise<StartContainerResponse>;
  stopContainer(request: StopContainerRequest, options?: CallOptions): Promise<StopContainerResponse>;
  removeContainer(request: RemoveContainerRequest, options?: CallOptions): Promise<RemoveContainerResponse>;
  listContainers(request: ListContainersRequest, options?: CallOptions): Promise<ListContainersResponse>;
  streamContainers(request: StreamContainersRequest, options?: CallOptions): AsyncIterable<StreamContainersResponse>;
  containerStatus(request: ContainerStatusRequest, options?: CallOptions): Promise<ContainerStatusResponse>;
  updateContainerResources(request: UpdateContainerResourcesRequest, options?: CallOptions): Promise<UpdateContainerResourcesResponse>;
  reopenContainerLog(request: ReopenContainerLogRequest, options?: CallOptions): Promise<ReopenContainerLogResponse>;
  execSync(request: ExecSyncRequest, options?: CallOptions): Promise<ExecSyncResponse>;
  exec(request: ExecRequest, options?: CallOptions): Promise<ExecResponse>;
  attach(request: AttachRequest, options?: CallOptions): Promise<AttachResponse>;
  portForward(request: PortForwardRequest, options?: CallOptions): Promise<PortForwardResponse>;
  containerStats(request: ContainerStatsRequest, options?: CallOptions): Promise<ContainerStatsResponse>;
  listContainerStats(request: ListContainerStatsRequest, options?: CallOptions): Promise<ListContainerStatsResponse>;
  streamContainerStats(request: StreamContainerStatsRequest, options?: CallOptions): AsyncIterable<StreamContainerStatsResponse>;
  podSandboxStats(request: PodSandboxStatsRequest, options?: CallOptions): Promise<PodSandboxStatsResponse>;
  listPodSandboxStats(request: ListPodSandboxStatsRequest, options?: CallOptions): Promise<ListPodSandboxStatsResponse>;
  streamPodSandboxStats(request: StreamPodSandboxStatsRequest, options?: CallOptions): AsyncIterable<StreamPodSandboxStatsResponse>;
  updateRuntimeConfig(request: UpdateRuntimeConfigRequest, options?: CallOptions): Promise<UpdateRuntimeConfigResponse>;
  status(request: StatusRequest, options?: CallOptions): Promise<StatusResponse>;
  checkpointContainer(request: CheckpointContainerRequest, options?: CallOptions): Promise<CheckpointContainerResponse>;
  checkpointPod(request: CheckpointPodRequest, options?: CallOptions): Promise<CheckpointPodResponse>;
  restorePod(request: RestorePodRequest, options?: CallOptions): Promise<RestorePodResponse>;
  getContainerEvents(request: GetEventsRequest, options?: CallOptions): AsyncIterable<ContainerEventResponse>;
  listMetricDescriptors(request: ListMetricDescriptorsRequest, options?: CallOptions): Promise<ListMetricDescriptorsResponse>;
  listPodSandboxMetrics(request: ListPodSandboxMetricsRequest, options?: CallOptions): Promise<ListPodSandboxMetricsResponse>;
  streamPodSandboxMetrics(request: StreamPodSandboxMetricsRequest, options?: CallOptions): AsyncIterable<StreamPodSandboxMetricsResponse>;
  runtimeConfig(request: RuntimeConfigRequest, options?: CallOptions): Promise<RuntimeConfigResponse>;
  updatePodSandboxResources(request: UpdatePodSandboxResourcesRequest, options?: CallOptions): Promise<UpdatePodSandboxResourcesResponse>;
}

export interface ImageService {
  listImages(request: ListImagesRequest, options?: CallOptions): Promise<ListImagesResponse>;
  streamImages(request: StreamImagesRequest, options?: CallOptions): AsyncIterable<StreamImagesResponse>;
  imageStatus(request: ImageStatusRequest, options?: CallOptions): Promise<ImageStatusResponse>;
  pullImage(request: PullImageRequest, options?: CallOptions): Promise<PullImageResponse>;
  removeImage(request: RemoveImageRequest, options?: CallOptions): Promise<RemoveImageResponse>;
  imageFsInfo(request: ImageFsInfoRequest, options?: CallOptions): Promise<ImageFsInfoResponse>;
}

export interface VersionRequest {
  version?: string | undefined;
}

export interface VersionResponse {
  version?: string | undefined;
  runtimeName?: string | undefined;
  runtimeVersion?: string | undefined;
  runtimeApiVersion?: string | undefined;
}

export interface DNSConfig {
  servers?: string[] | undefined;
  searches?: string[] | undefined;
  options?: string[] | undefined;
}

export const Protocol = {
  TCP: 0,
  UDP: 1,
  SCTP: 2,
} as const;
export type Protocol = (typeof Protocol)[keyof typeof Protocol];

export interface PortMapping {
  protocol?: Protocol | undefined;
  containerPort?: number | undefined;
  hostPort?: number | undefined;
  hostIp?: string | undefined;
}

export const MountPropagation = {
  PROPAGATION_PRIVATE: 0,
  PROPAGATION_HOST_TO_CONTAINER: 1,
  PROPAGATION_BIDIRECTIONAL: 2,
} as const;
export type MountPropagation = (typeof MountPropagation)[keyof typeof MountPropagation];

export interface Mount {
  containerPath?: string | undefined;
  hostPath?: string | undefined;
  readonly?: boolean | undefined;
  selinuxRelabel?: boolean | undefined;
  propagation?: MountPropagation | undefined;
  uidMappings?: IDMapping[] | undefined;
  gidMappings?: IDMapping[] | undefined;
  recursiveReadOnly?: boolean | undefined;
  image?: ImageSpec | undefined;
  imageSubPath?: string | undefined;
  mountOptions?: string[] | undefined;
}

export interface IDMapping {
  hostId?: number | undefined;
  containerId?: number | undefined;
  length?: number | undefined;
}

export const NamespaceMode = {
  POD: 0,
  CONTAINER: 1,
  NODE: 2,
  TARGET: 3,
} as const;
export type NamespaceMode = (typeof NamespaceMode)[keyof typeof NamespaceMode];

export interface UserNamespace {
  mode?: NamespaceMode | undefined;
  uids?: IDMapping[] | undefined;
  gids?: IDMapping[] | undefined;
}

export interface NamespaceOption {
  network?: NamespaceMode | undefined;
  pid?: NamespaceMode | undefined;
  ipc?: NamespaceMode | undefined;
  targetId?: string | undefined;
  usernsOptions?: UserNamespace | undefined;
}

export const SupplementalGroupsPolicy = {
  Merge: 0,
  Strict: 1,
} as const;
export type SupplementalGroupsPolicy = (typeof SupplementalGroupsPolicy)[keyof typeof SupplementalGroupsPolicy];

export interface Int64Value {
  value?: bigint | undefined;
}

export interface LinuxSandboxSecurityContext {
  namespaceOptions?: NamespaceOption | undefined;
  selinuxOptions?: SELinuxOption | undefined;
  runAsUser?: Int64Value | undefined;
  runAsGroup?: Int64Value | undefined;
  readonlyRootfs?: boolean | undefined;
  supplementalGroups?: bigint[] | undefined;
  supplementalGroupsPolicy?: SupplementalGroupsPolicy | undefined;
  privileged?: boolean | undefined;
  seccomp?: SecurityProfile | undefined;
  apparmor?: SecurityProfile | undefined;
  seccompProfilePath?: string | undefined;
}

export const SecurityProfile_ProfileType = {
  RuntimeDefault: 0,
  Unconfined: 1,
  Localhost: 2,
} as const;
export type SecurityProfile_ProfileType = (typeof SecurityProfile_ProfileType)[keyof typeof SecurityProfile_ProfileType];

export interface SecurityProfile {
  profileType?: SecurityProfile_ProfileType | undefined;
  localhostRef?: string | undefined;
}

export interface LinuxPodSandboxConfig {
  cgroupParent?: string | undefined;
  securityContext?: LinuxSandboxSecurityContext | undefined;
  sysctls?: Record<string, string> | undefined;
  overhead?: LinuxContainerResources | undefined;
  resources?: LinuxContainerResources | undefined;
}

export interface PodSandboxMetadata {
  name?: string | undefined;
  uid?: string | undefined;
  namespace?: string | undefined;
  attempt?: number | undefined;
}

export interface PodSandboxConfig {
  metadata?: PodSandboxMetadata | undefined;
  hostname?: string | undefined;
  logDirectory?: string | undefined;
  dnsConfig?: DNSConfig | undefined;
  portMappings?: PortMapping[] | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  linux?: LinuxPodSandboxConfig | undefined;
  windows?: WindowsPodSandboxConfig | undefined;
}

export interface RunPodSandboxRequest {
  config?: PodSandboxConfig | undefined;
  runtimeHandler?: string | undefined;
}

export interface RunPodSandboxResponse {
  podSandboxId?: string | undefined;
}

export interface StopPodSandboxRequest {
  podSandboxId?: string | undefined;
}

export interface StopPodSandboxResponse {
}

export interface RemovePodSandboxRequest {
  podSandboxId?: string | undefined;
}

export interface RemovePodSandboxResponse {
}

export interface PodSandboxStatusRequest {
  podSandboxId?: string | undefined;
  verbose?: boolean | undefined;
}

export interface PodIP {
  ip?: string | undefined;
}

export interface PodSandboxNetworkStatus {
  ip?: string | undefined;
  additionalIps?: PodIP[] | undefined;
}

export interface Namespace {
  options?: NamespaceOption | undefined;
}

export interface LinuxPodSandboxStatus {
  namespaces?: Namespace | undefined;
}

export const PodSandboxState = {
  SANDBOX_READY: 0,
  SANDBOX_NOTREADY: 1,
} as const;
export type PodSandboxState = (typeof PodSandboxState)[keyof typeof PodSandboxState];

export interface PodSandboxStatus {
  id?: string | undefined;
  metadata?: PodSandboxMetadata | undefined;
  state?: PodSandboxState | undefined;
  createdAt?: bigint | undefined;
  network?: PodSandboxNetworkStatus | undefined;
  linux?: LinuxPodSandboxStatus | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  runtimeHandler?: string | undefined;
}

export interface PodSandboxStatusResponse {
  status?: PodSandboxStatus | undefined;
  info?: Record<string, string> | undefined;
  containersStatuses?: ContainerStatus[] | undefined;
  timestamp?: bigint | undefined;
}

export interface PodSandboxStateValue {
  state?: PodSandboxState | undefined;
}

export interface PodSandboxFilter {
  id?: string | undefined;
  state?: PodSandboxStateValue | undefined;
  labelSelector?: Record<string, string> | undefined;
}

export interface ListPodSandboxRequest {
  filter?: PodSandboxFilter | undefined;
}

export interface PodSandbox {
  id?: string | undefined;
  metadata?: PodSandboxMetadata | undefined;
  state?: PodSandboxState | undefined;
  createdAt?: bigint | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  runtimeHandler?: string | undefined;
}

export interface ListPodSandboxResponse {
  items?: PodSandbox[] | undefined;
}

export interface StreamPodSandboxesRequest {
  filter?: PodSandboxFilter | undefined;
}

export interface StreamPodSandboxesResponse {
  podSandboxes?: PodSandbox[] | undefined;
}

export interface PodSandboxStatsRequest {
  podSandboxId?: string | undefined;
}

export interface PodSandboxStatsResponse {
  stats?: PodSandboxStats | undefined;
}

export interface PodSandboxStatsFilter {
  id?: string | undefined;
  labelSelector?: Record<string, string> | undefined;
}

export interface ListPodSandboxStatsRequest {
  filter?: PodSandboxStatsFilter | undefined;
}

export interface ListPodSandboxStatsResponse {
  stats?: PodSandboxStats[] | undefined;
}

export interface StreamPodSandboxStatsRequest {
  filter?: PodSandboxStatsFilter | undefined;
}

export interface StreamPodSandboxStatsResponse {
  podSandboxStats?: PodSandboxStats[] | undefined;
}

export interface PodSandboxAttributes {
  id?: string | undefined;
  metadata?: PodSandboxMetadata | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
}

export interface PodSandboxStats {
  attributes?: PodSandboxAttributes | undefined;
  linux?: LinuxPodSandboxStats | undefined;
  windows?: WindowsPodSandboxStats | undefined;
}

export interface LinuxPodSandboxStats {
  cpu?: CpuUsage | undefined;
  memory?: MemoryUsage | undefined;
  network?: NetworkUsage | undefined;
  process?: ProcessUsage | undefined;
  containers?: ContainerStats[] | undefined;
  io?: IoUsage | undefined;
}

export interface WindowsPodSandboxStats {
  cpu?: WindowsCpuUsage | undefined;
  memory?: WindowsMemoryUsage | undefined;
  network?: WindowsNetworkUsage | undefined;
  process?: WindowsProcessUsage | undefined;
  containers?: WindowsContainerStats[] | undefined;
}

export interface NetworkUsage {
  timestamp?: bigint | undefined;
  defaultInterface?: NetworkInterfaceUsage | undefined;
  interfaces?: NetworkInterfaceUsage[] | undefined;
}

export interface WindowsNetworkUsage {
  timestamp?: bigint | undefined;
  defaultInterface?: WindowsNetworkInterfaceUsage | undefined;
  interfaces?: WindowsNetworkInterfaceUsage[] | undefined;
}

export interface NetworkInterfaceUsage {
  name?: string | undefined;
  rxBytes?: UInt64Value | undefined;
  rxErrors?: UInt64Value | undefined;
  txBytes?: UInt64Value | undefined;
  txErrors?: UInt64Value | undefined;
}

export interface WindowsNetworkInterfaceUsage {
  name?: string | undefined;
  rxBytes?: UInt64Value | undefined;
  rxPacketsDropped?: UInt64Value | undefined;
  txBytes?: UInt64Value | undefined;
  txPacketsDropped?: UInt64Value | undefined;
}

export interface ProcessUsage {
  timestamp?: bigint | undefined;
  processCount?: UInt64Value | undefined;
}

export interface WindowsProcessUsage {
  timestamp?: bigint | undefined;
  processCount?: UInt64Value | undefined;
}

export interface ImageSpec {
  image?: string | undefined;
  annotations?: Record<string, string> | undefined;
  userSpecifiedImage?: string | undefined;
  runtimeHandler?: string | undefined;
  imageRef?: string | undefined;
}

export interface KeyValue {
  key?: string | undefined;
  value?: Uint8Array | undefined;
}

export interface LinuxContainerResources {
  cpuPeriod?: bigint | undefined;
  cpuQuota?: bigint | undefined;
  cpuShares?: bigint | undefined;
  memoryLimitInBytes?: bigint | undefined;
  oomScoreAdj?: bigint | undefined;
  cpusetCpus?: string | undefined;
  cpusetMems?: string | undefined;
  hugepageLimits?: HugepageLimit[] | undefined;
  unified?: Record<string, string> | undefined;
  memorySwapLimitInBytes?: bigint | undefined;
}

export interface HugepageLimit {
  pageSize?: string | undefined;
  limit?: bigint | undefined;
}

export interface SELinuxOption {
  user?: string | undefined;
  role?: string | undefined;
  type?: string | undefined;
  level?: string | undefined;
}

export interface Capability {
  addCapabilities?: string[] | undefined;
  dropCapabilities?: string[] | undefined;
  addAmbientCapabilities?: string[] | undefined;
}

export interface LinuxContainerSecurityContext {
  capabilities?: Capability | undefined;
  privileged?: boolean | undefined;
  namespaceOptions?: NamespaceOption | undefined;
  selinuxOptions?: SELinuxOption | undefined;
  runAsUser?: Int64Value | undefined;
  runAsGroup?: Int64Value | undefined;
  runAsUsername?: string | undefined;
  readonlyRootfs?: boolean | undefined;
  supplementalGroups?: bigint[] | undefined;
  supplementalGroupsPolicy?: SupplementalGroupsPolicy | undefined;
  noNewPrivs?: boolean | undefined;
  maskedPaths?: string[] | undefined;
  readonlyPaths?: string[] | undefined;
  seccomp?: SecurityProfile | undefined;
  apparmor?: SecurityProfile | undefined;
  apparmorProfile?: string | undefined;
  seccompProfilePath?: string | undefined;
}

export interface LinuxContainerConfig {
  resources?: LinuxContainerResources | undefined;
  securityContext?: LinuxContainerSecurityContext | undefined;
}

export interface LinuxContainerUser {
  uid?: bigint | undefined;
  gid?: bigint | undefined;
  supplementalGroups?: bigint[] | undefined;
}

export interface WindowsNamespaceOption {
  network?: NamespaceMode | undefined;
}

export interface WindowsSandboxSecurityContext {
  runAsUsername?: string | undefined;
  credentialSpec?: string | undefined;
  hostProcess?: boolean | undefined;
  namespaceOptions?: WindowsNamespaceOption | undefined;
}

export interface WindowsPodSandboxConfig {
  securityContext?: WindowsSandboxSecurityContext | undefined;
}

export interface WindowsContainerSecurityContext {
  runAsUsername?: string | undefined;
  credentialSpec?: string | undefined;
  hostProcess?: boolean | undefined;
}

export interface WindowsContainerConfig {
  resources?: WindowsContainerResources | undefined;
  securityContext?: WindowsContainerSecurityContext | undefined;
}

export interface WindowsContainerResources {
  cpuShares?: bigint | undefined;
  cpuCount?: bigint | undefined;
  cpuMaximum?: bigint | undefined;
  memoryLimitInBytes?: bigint | undefined;
  rootfsSizeInBytes?: bigint | undefined;
  affinityCpus?: WindowsCpuGroupAffinity[] | undefined;
}

export interface WindowsCpuGroupAffinity {
  cpuMask?: bigint | undefined;
  cpuGroup?: number | undefined;
}

export interface ContainerMetadata {
  name?: string | undefined;
  attempt?: number | undefined;
}

export interface Device {
  containerPath?: string | undefined;
  hostPath?: string | undefined;
  permissions?: string | undefined;
}

export interface CDIDevice {
  name?: string | undefined;
}

export interface ContainerConfig {
  metadata?: ContainerMetadata | undefined;
  image?: ImageSpec | undefined;
  command?: string[] | undefined;
  args?: string[] | undefined;
  workingDir?: string | undefined;
  envs?: KeyValue[] | undefined;
  mounts?: Mount[] | undefined;
  devices?: Device[] | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  logPath?: string | undefined;
  stdin?: boolean | undefined;
  stdinOnce?: boolean | undefined;
  tty?: boolean | undefined;
  linux?: LinuxContainerConfig | undefined;
  windows?: WindowsContainerConfig | undefined;
  CDIDevices?: CDIDevice[] | undefined;
  stopSignal?: Signal | undefined;
}

export const Signal = {
  SIGNAL_RUNTIME_DEFAULT: 0,
  SIGNAL_SIGABRT: 1,
  SIGNAL_SIGALRM: 2,
  SIGNAL_SIGBUS: 3,
  SIGNAL_SIGCHLD: 4,
  SIGNAL_SIGCLD: 5,
  SIGNAL_SIGCONT: 6,
  SIGNAL_SIGFPE: 7,
  SIGNAL_SIGHUP: 8,
  SIGNAL_SIGILL: 9,
  SIGNAL_SIGINT: 10,
  SIGNAL_SIGIO: 11,
  SIGNAL_SIGIOT: 12,
  SIGNAL_SIGKILL: 13,
  SIGNAL_SIGPIPE: 14,
  SIGNAL_SIGPOLL: 15,
  SIGNAL_SIGPROF: 16,
  SIGNAL_SIGPWR: 17,
  SIGNAL_SIGQUIT: 18,
  SIGNAL_SIGSEGV: 19,
  SIGNAL_SIGSTKFLT: 20,
  SIGNAL_SIGSTOP: 21,
  SIGNAL_SIGSYS: 22,
  SIGNAL_SIGTERM: 23,
  SIGNAL_SIGTRAP: 24,
  SIGNAL_SIGTSTP: 25,
  SIGNAL_SIGTTIN: 26,
  SIGNAL_SIGTTOU: 27,
  SIGNAL_SIGURG: 28,
  SIGNAL_SIGUSR1: 29,
  SIGNAL_SIGUSR2: 30,
  SIGNAL_SIGVTALRM: 31,
  SIGNAL_SIGWINCH: 32,
  SIGNAL_SIGXCPU: 33,
  SIGNAL_SIGXFSZ: 34,
  SIGNAL_SIGRTMIN: 35,
  SIGNAL_SIGRTMINPLUS1: 36,
  SIGNAL_SIGRTMINPLUS2: 37,
  SIGNAL_SIGRTMINPLUS3: 38,
  SIGNAL_SIGRTMINPLUS4: 39,
  SIGNAL_SIGRTMINPLUS5: 40,
  SIGNAL_SIGRTMINPLUS6: 41,
  SIGNAL_SIGRTMINPLUS7: 42,
  SIGNAL_SIGRTMINPLUS8: 43,
  SIGNAL_SIGRTMINPLUS9: 44,
  SIGNAL_SIGRTMINPLUS10: 45,
  SIGNAL_SIGRTMINPLUS11: 46,
  SIGNAL_SIGRTMINPLUS12: 47,
  SIGNAL_SIGRTMINPLUS13: 48,
  SIGNAL_SIGRTMINPLUS14: 49,
  SIGNAL_SIGRTMINPLUS15: 50,
  SIGNAL_SIGRTMAXMINUS14: 51,
  SIGNAL_SIGRTMAXMINUS13: 52,
  SIGNAL_SIGRTMAXMINUS12: 53,
  SIGNAL_SIGRTMAXMINUS11: 54,
  SIGNAL_SIGRTMAXMINUS10: 55,
  SIGNAL_SIGRTMAXMINUS9: 56,
  SIGNAL_SIGRTMAXMINUS8: 57,
  SIGNAL_SIGRTMAXMINUS7: 58,
  SIGNAL_SIGRTMAXMINUS6: 59,
  SIGNAL_SIGRTMAXMINUS5: 60,
  SIGNAL_SIGRTMAXMINUS4: 61,
  SIGNAL_SIGRTMAXMINUS3: 62,
  SIGNAL_SIGRTMAXMINUS2: 63,
  SIGNAL_SIGRTMAXMINUS1: 64,
  SIGNAL_SIGRTMAX: 65,
} as const;
export type Signal = (typeof Signal)[keyof typeof Signal];

export interface CreateContainerRequest {
  podSandboxId?: string | undefined;
  config?: ContainerConfig | undefined;
  sandboxConfig?: PodSandboxConfig | undefined;
}

export interface CreateContainerResponse {
  containerId?: string | undefined;
}

export interface StartContainerRequest {
  containerId?: string | undefined;
}

export interface StartContainerResponse {
}

export interface StopContainerRequest {
  containerId?: string | undefined;
  timeout?: bigint | undefined;
}

export interface StopContainerResponse {
}

export interface RemoveContainerRequest {
  containerId?: string | undefined;
}

export interface RemoveContainerResponse {
}

export const ContainerState = {
  CONTAINER_CREATED: 0,
  CONTAINER_RUNNING: 1,
  CONTAINER_EXITED: 2,
  CONTAINER_UNKNOWN: 3,
} as const;
export type ContainerState = (typeof ContainerState)[keyof typeof ContainerState];

export interface ContainerStateValue {
  state?: ContainerState | undefined;
}

export interface ContainerFilter {
  id?: string | undefined;
  state?: ContainerStateValue | undefined;
  podSandboxId?: string | undefined;
  labelSelector?: Record<string, string> | undefined;
}

export interface ListContainersRequest {
  filter?: ContainerFilter | undefined;
}

export interface Container {
  id?: string | undefined;
  podSandboxId?: string | undefined;
  metadata?: ContainerMetadata | undefined;
  image?: ImageSpec | undefined;
  imageRef?: string | undefined;
  state?: ContainerState | undefined;
  createdAt?: bigint | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  imageId?: string | undefined;
}

export interface ListContainersResponse {
  containers?: Container[] | undefined;
}

export interface StreamContainersRequest {
  filter?: ContainerFilter | undefined;
}

export interface StreamContainersResponse {
  containers?: Container[] | undefined;
}

export interface ContainerStatusRequest {
  containerId?: string | undefined;
  verbose?: boolean | undefined;
}

export interface ContainerStatus {
  id?: string | undefined;
  metadata?: ContainerMetadata | undefined;
  state?: ContainerState | undefined;
  createdAt?: bigint | undefined;
  startedAt?: bigint | undefined;
  finishedAt?: bigint | undefined;
  exitCode?: number | undefined;
  image?: ImageSpec | undefined;
  imageRef?: string | undefined;
  reason?: string | undefined;
  message?: string | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
  mounts?: Mount[] | undefined;
  logPath?: string | undefined;
  resources?: ContainerResources | undefined;
  imageId?: string | undefined;
  user?: ContainerUser | undefined;
  stopSignal?: Signal | undefined;
}

export interface ContainerStatusResponse {
  status?: ContainerStatus | undefined;
  info?: Record<string, string> | undefined;
}

export interface ContainerResources {
  linux?: LinuxContainerResources | undefined;
  windows?: WindowsContainerResources | undefined;
}

export interface ContainerUser {
  linux?: LinuxContainerUser | undefined;
}

export interface UpdateContainerResourcesRequest {
  containerId?: string | undefined;
  linux?: LinuxContainerResources | undefined;
  windows?: WindowsContainerResources | undefined;
  annotations?: Record<string, string> | undefined;
}

export interface UpdateContainerResourcesResponse {
}

export interface ExecSyncRequest {
  containerId?: string | undefined;
  cmd?: string[] | undefined;
  timeout?: bigint | undefined;
}

export interface ExecSyncResponse {
  stdout?: Uint8Array | undefined;
  stderr?: Uint8Array | undefined;
  exitCode?: number | undefined;
}

export interface ExecRequest {
  containerId?: string | undefined;
  cmd?: string[] | undefined;
  tty?: boolean | undefined;
  stdin?: boolean | undefined;
  stdout?: boolean | undefined;
  stderr?: boolean | undefined;
}

export interface ExecResponse {
  url?: string | undefined;
}

export interface AttachRequest {
  containerId?: string | undefined;
  stdin?: boolean | undefined;
  tty?: boolean | undefined;
  stdout?: boolean | undefined;
  stderr?: boolean | undefined;
}

export interface AttachResponse {
  url?: string | undefined;
}

export interface PortForwardRequest {
  podSandboxId?: string | undefined;
  port?: number[] | undefined;
}

export interface PortForwardResponse {
  url?: string | undefined;
}

export interface ImageFilter {
  image?: ImageSpec | undefined;
}

export interface ListImagesRequest {
  filter?: ImageFilter | undefined;
}

export interface Image {
  id?: string | undefined;
  repoTags?: string[] | undefined;
  repoDigests?: string[] | undefined;
  size?: bigint | undefined;
  uid?: Int64Value | undefined;
  username?: string | undefined;
  spec?: ImageSpec | undefined;
  pinned?: boolean | undefined;
}

export interface ListImagesResponse {
  images?: Image[] | undefined;
}

export interface StreamImagesRequest {
  filter?: ImageFilter | undefined;
}

export interface StreamImagesResponse {
  images?: Image[] | undefined;
}

export interface ImageStatusRequest {
  image?: ImageSpec | undefined;
  verbose?: boolean | undefined;
}

export interface ImageStatusResponse {
  image?: Image | undefined;
  info?: Record<string, string> | undefined;
}

export interface AuthConfig {
  username?: string | undefined;
  password?: string | undefined;
  auth?: string | undefined;
  serverAddress?: string | undefined;
  identityToken?: string | undefined;
  registryToken?: string | undefined;
}

export interface PullImageRequest {
  image?: ImageSpec | undefined;
  auth?: AuthConfig | undefined;
  sandboxConfig?: PodSandboxConfig | undefined;
}

export interface PullImageResponse {
  imageRef?: string | undefined;
}

export interface RemoveImageRequest {
  image?: ImageSpec | undefined;
}

export interface RemoveImageResponse {
}

export interface NetworkConfig {
  podCidr?: string | undefined;
}

export interface RuntimeConfig {
  networkConfig?: NetworkConfig | undefined;
}

export interface UpdateRuntimeConfigRequest {
  runtimeConfig?: RuntimeConfig | undefined;
}

export interface UpdateRuntimeConfigResponse {
}

export interface RuntimeCondition {
  type?: string | undefined;
  status?: boolean | undefined;
  reason?: string | undefined;
  message?: string | undefined;
}

export interface RuntimeStatus {
  conditions?: RuntimeCondition[] | undefined;
}

export interface StatusRequest {
  verbose?: boolean | undefined;
}

export interface RuntimeHandlerFeatures {
  recursiveReadOnlyMounts?: boolean | undefined;
  userNamespaces?: boolean | undefined;
}

export interface RuntimeHandler {
  name?: string | undefined;
  features?: RuntimeHandlerFeatures | undefined;
}

export interface RuntimeFeatures {
  supplementalGroupsPolicy?: boolean | undefined;
  userNamespacesHostNetwork?: boolean | undefined;
  mountOptions?: boolean | undefined;
}

export interface StatusResponse {
  status?: RuntimeStatus | undefined;
  info?: Record<string, string> | undefined;
  runtimeHandlers?: RuntimeHandler[] | undefined;
  features?: RuntimeFeatures | undefined;
}

export interface ImageFsInfoRequest {
}

export interface UInt64Value {
  value?: bigint | undefined;
}

export interface FilesystemIdentifier {
  mountpoint?: string | undefined;
}

export interface FilesystemUsage {
  timestamp?: bigint | undefined;
  fsId?: FilesystemIdentifier | undefined;
  usedBytes?: UInt64Value | undefined;
  inodesUsed?: UInt64Value | undefined;
}

export interface WindowsFilesystemUsage {
  timestamp?: bigint | undefined;
  fsId?: FilesystemIdentifier | undefined;
  usedBytes?: UInt64Value | undefined;
}

export interface ImageFsInfoResponse {
  imageFilesystems?: FilesystemUsage[] | undefined;
  containerFilesystems?: FilesystemUsage[] | undefined;
}

export interface ContainerStatsRequest {
  containerId?: string | undefined;
}

export interface ContainerStatsResponse {
  stats?: ContainerStats | undefined;
}

export interface ListContainerStatsRequest {
  filter?: ContainerStatsFilter | undefined;
}

export interface ContainerStatsFilter {
  id?: string | undefined;
  podSandboxId?: string | undefined;
  labelSelector?: Record<string, string> | undefined;
}

export interface ListContainerStatsResponse {
  stats?: ContainerStats[] | undefined;
}

export interface StreamContainerStatsRequest {
  filter?: ContainerStatsFilter | undefined;
}

export interface StreamContainerStatsResponse {
  containerStats?: ContainerStats[] | undefined;
}

export interface ContainerAttributes {
  id?: string | undefined;
  metadata?: ContainerMetadata | undefined;
  labels?: Record<string, string> | undefined;
  annotations?: Record<string, string> | undefined;
}

export interface ContainerStats {
  attributes?: ContainerAttributes | undefined;
  cpu?: CpuUsage | undefined;
  memory?: MemoryUsage | undefined;
  writableLayer?: FilesystemUsage | undefined;
  swap?: SwapUsage | undefined;
  io?: IoUsage | undefined;
}

export interface WindowsContainerStats {
  attributes?: ContainerAttributes | undefined;
  cpu?: WindowsCpuUsage | undefined;
  memory?: WindowsMemoryUsage | undefined;
  writableLayer?: WindowsFilesystemUsage | undefined;
}

export interface PsiStats {
  Full?: PsiData | undefined;
  Some?: PsiData | undefined;
}

export interface PsiData {
  Total?: bigint | undefined;
  Avg10?: number | undefined;
  Avg60?: number | undefined;
  Avg300?: number | undefined;
}

export interface CpuUsage {
  timestamp?: bigint | undefined;
  usageCoreNanoSeconds?: UInt64Value | undefined;
  usageNanoCores?: UInt64Value | undefined;
  psi?: PsiStats | undefined;
}

export interface WindowsCpuUsage {
  timestamp?: bigint | undefined;
  usageCoreNanoSeconds?: UInt64Value | undefined;
  usageNanoCores?: UInt64Value | undefined;
}

export interface MemoryUsage {
  timestamp?: bigint | undefined;
  workingSetBytes?: UInt64Value | undefined;
  availableBytes?: UInt64Value | undefined;
  usageBytes?: UInt64Value | undefined;
  rssBytes?: UInt64Value | undefined;
  pageFaults?: UInt64Value | undefined;
  majorPageFaults?: UInt64Value | undefined;
  psi?: PsiStats | undefined;
}

export interface IoUsage {
  timestamp?: bigint | undefined;
  psi?: PsiStats | undefined;
}

export interface SwapUsage {
  timestamp?: bigint | undefined;
  swapAvailableBytes?: UInt64Value | undefined;
  swapUsageBytes?: UInt64Value | undefined;
}

export interface WindowsMemoryUsage {
  timestamp?: bigint | undefined;
  workingSetBytes?: UInt64Value | undefined;
  availableBytes?: UInt64Value | undefined;
  pageFaults?: UInt64Value | undefined;
  commitMemoryBytes?: UInt64Value | undefined;
}

export interface ReopenContainerLogRequest {
  containerId?: string | undefined;
}

export interface ReopenContainerLogResponse {
}

export interface CheckpointContainerRequest {
  containerId?: string | undefined;
  location?: string | undefined;
  timeout?: bigint | undefined;
}

export interface CheckpointContainerResponse {
}

export interface CheckpointPodRequest {
  podSandboxId?: string | undefined;
  outputPath?: string | undefined;
  containerIds?: string[] | undefined;
  options?: Record<string, string> | undefined;
}

export interface CheckpointPodResponse {
}

export interface RestorePodRequest {
  checkpointPath?: string | undefined;
  config?: PodSandboxConfig | undefined;
  runtimeHandler?: string | undefined;
  options?: Record<string, string> | undefined;
  containerConfigs?: ContainerConfig[] | undefined;
}

export interface RestoredContainer {
  name?: string | undefined;
  containerId?: string | undefined;
}

export interface RestorePodResponse {
  podSandboxId?: string | undefined;
  restoredContainers?: RestoredContainer[] | undefined;
}

export interface GetEventsRequest {
}

export interface ContainerEventResponse {
  containerId?: string | undefined;
  containerEventType?: ContainerEventType | undefined;
  createdAt?: bigint | undefined;
  podSandboxStatus?: PodSandboxStatus | undefined;
  containersStatuses?: ContainerStatus[] | undefined;
}

export const ContainerEventType = {
  CONTAINER_CREATED_EVENT: 0,
  CONTAINER_STARTED_EVENT: 1,
  CONTAINER_STOPPED_EVENT: 2,
  CONTAINER_DELETED_EVENT: 3,
} as const;
export type ContainerEventType = (typeof ContainerEventType)[keyof typeof ContainerEventType];

export interface ListMetricDescriptorsRequest {
}

export interface ListMetricDescriptorsResponse {
  descriptors?: MetricDescriptor[] | undefined;
}

export interface MetricDescriptor {
  name?: string | undefined;
  help?: string | undefined;
  labelKeys?: string[] | undefined;
}

export interface ListPodSandboxMetricsRequest {
}

export interface ListPodSandboxMetricsResponse {
  podMetrics?: PodSandboxMetrics[] | undefined;
}

export interface StreamPodSandboxMetricsRequest {
}

export interface StreamPodSandboxMetricsResponse {
  podSandboxMetrics?: PodSandboxMetrics[] | undefined;
}

export interface PodSandboxMetrics {
  podSandboxId?: string | undefined;
  metrics?: Metric[] | undefined;
  containerMetrics?: ContainerMetrics[] | undefined;
}

export interface ContainerMetrics {
  containerId?: string | undefined;
  metrics?: Metric[] | undefined;
}

export interface Metric {
  name?: string | undefined;
  timestamp?: bigint | undefined;
  metricType?: MetricType | undefined;
  labelValues?: string[] | undefined;
  value?: UInt64Value | undefined;
}

export const MetricType = {
  COUNTER: 0,
  GAUGE: 1,
} as const;
export type MetricType = (typeof MetricType)[keyof typeof MetricType];

export interface RuntimeConfigRequest {
}

export interface RuntimeConfigResponse {
  linux?: LinuxRuntimeConfiguration | undefined;
}

export interface LinuxRuntimeConfiguration {
  cgroupDriver?: CgroupDriver | undefined;
}

export const CgroupDriver = {
  SYSTEMD: 0,
  CGROUPFS: 1,
} as const;
export type CgroupDriver = (typeof CgroupDriver)[keyof typeof CgroupDriver];

export interface UpdatePodSandboxResourcesRequest {
  podSandboxId?: string | undefined;
  overhead?: LinuxContainerResources | undefined;
  resources?: LinuxContainerResources | undefined;
}

export interface UpdatePodSandboxResourcesResponse {
}
