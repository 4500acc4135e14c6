// KubeletConfiguration v1beta1 as a type: what `fields.ts` describes, complete, with its defaults. What may be absent has none.

import { parseDuration } from "../../base/duration.ts";

/** As Go writes it: 1m30s. `milliseconds` reads it. */
export type Duration = string;

export interface Taint {
  readonly key: string;
  readonly value?: string;
  readonly effect: "NoSchedule" | "PreferNoSchedule" | "NoExecute";
}

export interface Authentication {
  readonly x509: { readonly clientCAFile?: string };
  readonly webhook: { readonly enabled: boolean; readonly cacheTTL: Duration };
  readonly anonymous: { readonly enabled: boolean };
}

export interface Authorization {
  readonly mode: "AlwaysAllow" | "Webhook";
  readonly webhook: { readonly cacheAuthorizedTTL: Duration; readonly cacheUnauthorizedTTL: Duration };
}

export interface Logging {
  readonly format: "text" | "json";
  /** A number is nanoseconds. */
  readonly flushFrequency: Duration | number;
  readonly verbosity: number;
  readonly vmodule?: readonly { readonly filePattern: string; readonly verbosity?: number }[];
  readonly options: {
    readonly text: { readonly splitStream?: boolean; readonly infoBufferSize: string };
    readonly json: { readonly splitStream?: boolean; readonly infoBufferSize: string };
  };
}

export interface KubeletConfiguration {
  readonly enableServer: boolean;
  readonly staticPodPath?: string;
  readonly podLogsDir: string;
  readonly syncFrequency: Duration;
  readonly fileCheckFrequency: Duration;
  readonly httpCheckFrequency: Duration;
  readonly staticPodURL?: string;
  readonly staticPodURLHeader?: Readonly<Record<string, readonly string[]>>;
  readonly address: string;
  readonly port: number;
  readonly readOnlyPort: number;
  readonly tlsCertFile?: string;
  readonly tlsPrivateKeyFile?: string;
  readonly tlsCipherSuites?: readonly string[];
  readonly tlsCurvePreferences?: readonly number[];
  readonly tlsMinVersion?: string;
  readonly rotateCertificates: boolean;
  readonly serverTLSBootstrap: boolean;
  readonly authentication: Authentication;
  readonly authorization: Authorization;
  readonly registryPullQPS: number;
  readonly registryBurst: number;
  readonly imagePullCredentialsVerificationPolicy?:
    | "NeverVerify"
    | "NeverVerifyPreloadedImages"
    | "NeverVerifyAllowlistedImages"
    | "AlwaysVerify";
  readonly preloadedImagesVerificationAllowlist?: readonly string[];
  readonly eventRecordQPS: number;
  readonly eventBurst: number;
  readonly enableDebuggingHandlers: boolean;
  readonly enableContentionProfiling: boolean;
  readonly healthzPort: number;
  readonly healthzBindAddress: string;
  readonly oomScoreAdj: number;
  readonly clusterDomain?: string;
  readonly clusterDNS?: readonly string[];
  readonly streamingConnectionIdleTimeout: Duration;
  readonly nodeStatusUpdateFrequency: Duration;
  readonly nodeStatusReportFrequency: Duration;
  readonly nodeLeaseDurationSeconds: number;
  readonly imageMinimumGCAge: Duration;
  readonly imageMaximumGCAge: Duration;
  readonly imageGCHighThresholdPercent: number;
  readonly imageGCLowThresholdPercent: number;
  readonly volumeStatsAggPeriod: Duration;
  readonly kubeletCgroups?: string;
  readonly systemCgroups?: string;
  readonly cgroupRoot?: string;
  readonly cgroupsPerQOS: boolean;
  readonly cgroupDriver: string;
  readonly cpuManagerPolicy: string;
  readonly singleProcessOOMKill?: boolean;
  readonly cpuManagerPolicyOptions?: Readonly<Record<string, string>>;
  readonly cpuManagerReconcilePeriod: Duration;
  readonly memoryManagerPolicy: string;
  readonly topologyManagerPolicy: string;
  readonly topologyManagerScope: string;
  readonly topologyManagerPolicyOptions?: Readonly<Record<string, string>>;
  readonly qosReserved?: Readonly<Record<string, string>>;
  readonly runtimeRequestTimeout: Duration;
  readonly hairpinMode: string;
  readonly maxPods: number;
  readonly podCIDR?: string;
  readonly podPidsLimit: number;
  readonly resolvConf: string;
  readonly runOnce: boolean;
  readonly cpuCFSQuota: boolean;
  readonly cpuCFSQuotaPeriod: Duration;
  readonly nodeStatusMaxImages: number;
  readonly maxOpenFiles: number;
  readonly contentType: string;
  readonly kubeAPIQPS: number;
  readonly kubeAPIBurst: number;
  readonly serializeImagePulls: boolean;
  readonly maxParallelImagePulls?: number;
  readonly evictionHard?: Readonly<Record<string, string>>;
  readonly evictionSoft?: Readonly<Record<string, string>>;
  readonly evictionSoftGracePeriod?: Readonly<Record<string, string>>;
  readonly evictionPressureTransitionPeriod: Duration;
  readonly evictionMaxPodGracePeriod: number;
  readonly evictionMinimumReclaim?: Readonly<Record<string, string>>;
  readonly mergeDefaultEvictionSettings: boolean;
  readonly podsPerCore: number;
  readonly enableControllerAttachDetach: boolean;
  readonly protectKernelDefaults: boolean;
  readonly makeIPTablesUtilChains: boolean;
  readonly iptablesMasqueradeBit: number;
  readonly iptablesDropBit: number;
  readonly featureGates?: Readonly<Record<string, boolean>>;
  readonly failSwapOn: boolean;
  readonly memorySwap: { readonly swapBehavior?: string };
  readonly containerLogMaxSize: string;
  readonly containerLogMaxFiles: number;
  readonly containerLogMaxWorkers: number;
  readonly containerLogMonitorInterval: Duration;
  readonly configMapAndSecretChangeDetectionStrategy: string;
  readonly systemReserved?: Readonly<Record<string, string>>;
  readonly kubeReserved?: Readonly<Record<string, string>>;
  readonly reservedSystemCPUs?: string;
  readonly showHiddenMetricsForVersion?: string;
  readonly systemReservedCgroup?: string;
  readonly kubeReservedCgroup?: string;
  readonly enforceNodeAllocatable: readonly string[];
  readonly allowedUnsafeSysctls?: readonly string[];
  readonly volumePluginDir: string;
  readonly providerID?: string;
  readonly kernelMemcgNotification: boolean;
  readonly logging: Logging;
  readonly enableSystemLogHandler: boolean;
  readonly enableSystemLogQuery?: boolean;
  readonly shutdownGracePeriod: Duration;
  readonly shutdownGracePeriodCriticalPods: Duration;
  readonly shutdownGracePeriodByPodPriority?: readonly {
    readonly priority: number;
    readonly shutdownGracePeriodSeconds: number;
  }[];
  readonly crashLoopBackOff: { readonly maxContainerRestartPeriod?: Duration };
  readonly reservedMemory?: readonly {
    readonly numaNode?: number;
    readonly limits: Readonly<Record<string, string>>;
  }[];
  readonly enableProfilingHandler: boolean;
  readonly enableDebugFlagsHandler: boolean;
  readonly seccompDefault: boolean;
  readonly memoryThrottlingFactor: number;
  readonly memoryReservationPolicy: string;
  readonly registerWithTaints?: readonly Taint[];
  readonly registerNode: boolean;
  readonly tracing?: { readonly endpoint?: string; readonly samplingRatePerMillion?: number };
  readonly localStorageCapacityIsolation: boolean;
  readonly containerRuntimeEndpoint: string;
  readonly imageServiceEndpoint?: string;
  readonly failCgroupV1: boolean;
  readonly userNamespaces?: { readonly idsPerPod?: number };
}

/** A duration of a configuration that was checked. */
export function milliseconds(duration: Duration): number {
  return parseDuration(duration) ?? 0;
}
