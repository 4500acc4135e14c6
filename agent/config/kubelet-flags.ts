// Flags of kubelet that set nothing here and are taken all the same, so that what starts a kubelet starts nodelet. Flags that set
// fields of KubeletConfiguration are in kubelet/fields.ts.

const words = (text: string): ReadonlySet<string> => new Set(text.trim().split(/\s+/));

const SWITCHES = words(`
  exit-on-lock-contention experimental-allocatable-ignore-eviction enable-load-reader log-cadvisor-usage
  storage-driver-secure
`);

const WITH_VALUE = words(`
  cloud-config cloud-provider experimental-mounter-path lock-file maximum-dead-containers maximum-dead-containers-per-container
  minimum-container-ttl-duration pod-infra-container-image runtime-cgroups
  application-metrics-count-limit boot-id-file container-hints containerd containerd-namespace event-storage-age-limit
  event-storage-event-limit global-housekeeping-interval housekeeping-interval machine-id-file storage-driver-buffer-duration
  storage-driver-db storage-driver-host storage-driver-password storage-driver-table storage-driver-user
`);

/** Undefined: not one of them. */
export function flagWithoutEffect(name: string): { readonly isSwitch: boolean } | undefined {
  if (SWITCHES.has(name)) return { isSwitch: true };
  return WITH_VALUE.has(name) ? { isSwitch: false } : undefined;
}
