// What the configuration keeps from pods.

import { readFileSync } from "node:fs";

import { NodeletError } from "../../base/errors.ts";
import type { KubeletConfiguration } from "../../config/kubelet/configuration.ts";
import { countCpus, DEFAULT_RESERVATIONS, overReserved, type Machine, type Reservations } from "../../node/capacity.ts";

/** Throws `invalid` for what the machine does not have: kubelet does not start with that either. */
export function reservationsOf(
  kubelet: Pick<
    KubeletConfiguration,
    "maxPods" | "podsPerCore" | "reservedSystemCPUs" | "kubeReserved" | "systemReserved" | "evictionHard"
  >,
  machine: Machine,
  onlineCpus: () => string = readOnlineCpus,
): Reservations {
  const { reservedSystemCPUs = "" } = kubelet;
  const reservations = {
    maxPods: kubelet.maxPods,
    podsPerCore: kubelet.podsPerCore,
    reservedCpus: reservedSystemCPUs === "" ? undefined : reservedCpus(reservedSystemCPUs, onlineCpus()),
    kubeReserved: kubelet.kubeReserved ?? {},
    systemReserved: kubelet.systemReserved ?? {},
    evictionHard: kubelet.evictionHard ?? DEFAULT_RESERVATIONS.evictionHard,
  };
  const over = overReserved(machine, reservations);
  if (over.length === 0) return reservations;
  throw new NodeletError("invalid", `More is kept from pods than this machine has of ${over.join(", ")}`, {
    where: "kubeReserved, systemReserved, evictionHard",
    fix: "Reserve less",
  });
}

function reservedCpus(list: string, online: string): number {
  const count = countCpus(list, online);
  if (count !== undefined) return count;
  throw new NodeletError("invalid", `Not all of the CPUs ${list} are online: those are ${online}`, {
    where: "reservedSystemCPUs",
    fix: "Name CPUs that this machine has",
  });
}

/** Such as `0-3`. */
function readOnlineCpus(): string {
  return readFileSync("/sys/devices/system/cpu/online", "utf8").trim();
}
