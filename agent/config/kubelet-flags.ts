// Names that kubelet knows and nodelet does not use yet, so that they are told from mistyped ones.

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

export const KUBELET_FLAGS = words(`
  address anonymous-auth application-metrics-count-limit authentication-token-webhook authentication-token-webhook-cache-ttl
  authorization-mode authorization-webhook-cache-authorized-ttl authorization-webhook-cache-unauthorized-ttl
  boot-id-file bootstrap-kubeconfig cert-dir cgroup-driver cgroup-root cgroups-per-qos client-ca-file cloud-config
  cloud-provider config-dir container-hints contention-profiling
  cpu-cfs-quota cpu-cfs-quota-period cpu-manager-policy cpu-manager-policy-options cpu-manager-reconcile-period
  enable-controller-attach-detach enable-debugging-handlers enable-server enforce-node-allocatable event-burst event-qps
  eviction-hard eviction-max-pod-grace-period eviction-minimum-reclaim eviction-pressure-transition-period eviction-soft
  eviction-soft-grace-period exit-on-lock-contention experimental-allocatable-ignore-eviction fail-cgroupv1 fail-swap-on
  feature-gates global-housekeeping-interval hairpin-mode healthz-bind-address healthz-port housekeeping-interval
   image-credential-provider-bin-dir image-credential-provider-config image-gc-high-threshold
  image-gc-low-threshold image-service-endpoint keep-terminated-pod-volumes kernel-memcg-notification kube-api-burst
  kube-api-content-type kube-api-qps kube-reserved kube-reserved-cgroup kubelet-cgroups local-storage-capacity-isolation
  lock-file log-cadvisor-usage log-flush-frequency log-json-info-buffer-size log-json-split-stream log-text-info-buffer-size
  log-text-split-stream logging-format machine-id-file make-iptables-util-chains
  max-open-files max-pods maximum-dead-containers maximum-dead-containers-per-container memory-manager-policy
  minimum-container-ttl-duration minimum-image-ttl-duration node-labels node-status-max-images node-status-update-frequency
  oom-score-adj pod-infra-container-image pod-max-pids pods-per-core port protect-kernel-defaults provider-id qos-reserved
  read-only-port register-node register-schedulable register-with-taints registry-burst registry-qps reserved-cpus
  reserved-memory rotate-certificates rotate-server-certificates runonce runtime-cgroups runtime-request-timeout
  serialize-image-pulls storage-driver-buffer-duration storage-driver-db storage-driver-host storage-driver-password
  storage-driver-secure storage-driver-table storage-driver-user streaming-connection-idle-timeout sync-frequency
  system-cgroups system-reserved system-reserved-cgroup tls-cert-file tls-cipher-suites tls-curve-preferences
  tls-min-version tls-private-key-file topology-manager-policy topology-manager-policy-options topology-manager-scope
  vmodule volume-plugin-dir volume-stats-agg-period
`);

/** Fields of KubeletConfiguration, kubelet.config.k8s.io/v1beta1. */
export const KUBELET_FIELDS = words(`
  address allowedUnsafeSysctls authentication authorization cgroupDriver cgroupRoot cgroupsPerQOS clusterDNS clusterDomain
  configMapAndSecretChangeDetectionStrategy containerLogMaxFiles containerLogMaxSize containerLogMaxWorkers
  containerLogMonitorInterval containerRuntimeEndpoint contentType cpuCFSQuota cpuCFSQuotaPeriod cpuManagerPolicy
  cpuManagerPolicyOptions cpuManagerReconcilePeriod crashLoopBackOff enableContentionProfiling
  enableControllerAttachDetach enableDebugFlagsHandler enableDebuggingHandlers enableProfilingHandler enableServer
  enableSystemLogHandler enableSystemLogQuery enforceNodeAllocatable eventBurst eventRecordQPS evictionHard
  evictionMaxPodGracePeriod evictionMinimumReclaim evictionPressureTransitionPeriod evictionSoft evictionSoftGracePeriod
  failCgroupV1 failSwapOn featureGates fileCheckFrequency hairpinMode healthzBindAddress healthzPort httpCheckFrequency
  imageGCHighThresholdPercent imageGCLowThresholdPercent imageMaximumGCAge imageMinimumGCAge imagePullCredentialsVerificationPolicy
  imageServiceEndpoint iptablesDropBit iptablesMasqueradeBit kernelMemcgNotification kubeAPIBurst kubeAPIQPS kubeReserved
  kubeReservedCgroup kubeletCgroups localStorageCapacityIsolation logging makeIPTablesUtilChains maxOpenFiles
  maxParallelImagePulls maxPods memoryManagerPolicy memorySwap memoryThrottlingFactor mergeDefaultEvictionSettings
  nodeLeaseDurationSeconds nodeStatusMaxImages nodeStatusReportFrequency nodeStatusUpdateFrequency oomScoreAdj podCIDR
  podLogsDir podPidsLimit podsPerCore port preloadedImagesVerificationAllowlist protectKernelDefaults providerID
  qosReserved readOnlyPort registerNode registerWithTaints registryBurst registryPullQPS reservedMemory
  reservedSystemCPUs resolvConf rotateCertificates runOnce runtimeRequestTimeout seccompDefault serializeImagePulls
  serverTLSBootstrap showHiddenMetricsForVersion shutdownGracePeriod shutdownGracePeriodByPodPriority
  shutdownGracePeriodCriticalPods singleProcessOOMKill staticPodPath staticPodURL staticPodURLHeader
  streamingConnectionIdleTimeout syncFrequency systemCgroups systemReserved systemReservedCgroup tlsCertFile
  tlsCipherSuites tlsCurvePreferences tlsMinVersion tlsPrivateKeyFile topologyManagerPolicy topologyManagerPolicyOptions
  topologyManagerScope tracing userNamespaces volumePluginDir volumeStatsAggPeriod
`);
