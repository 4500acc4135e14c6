// What the configuration keeps from pods.

import type { KubeletConfiguration } from "../../config/kubelet/configuration.ts";
import { countCpus, DEFAULT_RESERVATIONS, type Reservations } from "../../node/capacity.ts";

export function reservationsOf(kubelet: KubeletConfiguration): Reservations {
  const { reservedSystemCPUs: cpus = "" } = kubelet;
  return {
    maxPods: kubelet.maxPods,
    podsPerCore: kubelet.podsPerCore,
    reservedCpus: cpus === "" ? undefined : countCpus(cpus),
    kubeReserved: kubelet.kubeReserved ?? {},
    systemReserved: kubelet.systemReserved ?? {},
    evictionHard: kubelet.evictionHard ?? DEFAULT_RESERVATIONS.evictionHard,
  };
}
