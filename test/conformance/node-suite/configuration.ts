// What the suite is told of the node, wherever it runs.

/** The defaults of the suite's own configuration, which it leaves out when a file is given. */
export const KUBELET_CONFIGURATION = {
  apiVersion: "kubelet.config.k8s.io/v1beta1",
  kind: "KubeletConfiguration",
  cgroupRoot: "/",
  failSwapOn: false,
  volumeStatsAggPeriod: "10s",
  serializeImagePulls: false,
  fileCheckFrequency: "10s",
  podCIDR: "10.100.0.0/24",
  evictionPressureTransitionPeriod: "30s",
  evictionHard: { "memory.available": "250Mi", "nodefs.available": "10%", "nodefs.inodesFree": "5%" },
  evictionMinimumReclaim: { "nodefs.available": "5%", "nodefs.inodesFree": "5%" },
};

/** The suite looks for kernel options and controllers that development hosts lack. */
export const SYSTEM_SPEC = { os: "Linux", kernelSpec: { versions: [".*"] } };
