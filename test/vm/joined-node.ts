// A test machine as the node of a control plane that runs on the host: this one does not wait for an emulated processor.

import { readFileSync } from "node:fs";

import type { ControlPlane } from "../fixtures/control-plane.ts";
import { NODE_ADDRESS } from "./own-network.ts";
import { HOST, type Machine, type MachineOptions } from "./machine.ts";

/** Of the machine: the authority of the control plane. */
export const CA_FILE = "/root/ca.crt";

export interface JoinOptions {
  readonly plane: ControlPlane;
  readonly nodeName: string;
  /** Of the node, and on the host: of `nodePort` when the machine was booted. */
  readonly port: number;
  /** Of KubeletConfiguration. */
  readonly configuration?: object;
  readonly flags?: readonly string[];
}

/** Options of a machine whose node the API server is to reach at the port, by qemu. */
export function nodePort(port: number): Pick<MachineOptions, "forwarded"> {
  return { forwarded: [{ address: NODE_ADDRESS, port }] };
}

/** The API server, as the machine reaches it. */
export function serverOf({ server }: ControlPlane): string {
  return server.replace("127.0.0.1", HOST);
}

/** Starts the agent as the unit `kubelet`, with pods that outlive it. Those that the API server lets in may ask it. */
export async function joinMachine(
  machine: Machine,
  { plane, nodeName, port, configuration = {}, flags = [] }: JoinOptions,
): Promise<void> {
  await machine.joinHost();
  const kubeconfig = readFileSync(plane.writeKubeconfig("node", `/O=system:nodes/CN=system:node:${nodeName}`), "utf8");
  await machine.writeFile(
    "/root/kubeconfig",
    kubeconfig.replace(`"server": "${plane.server}"`, `"tls-server-name": "localhost", "server": "${serverOf(plane)}"`),
  );
  await machine.writeFile(CA_FILE, readFileSync(plane.ca, "utf8"));
  await machine.writeFile(
    "/root/kubelet.json",
    JSON.stringify({
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      authentication: { x509: { clientCAFile: CA_FILE } },
      imageGCHighThresholdPercent: 100,
      ...configuration,
      port,
    }),
  );
  const all = [
    "--kubeconfig=/root/kubeconfig",
    "--config=/root/kubelet.json",
    `--node-ip=${NODE_ADDRESS}`,
    `--hostname-override=${nodeName}`,
    "--network=builtin",
    ...flags,
  ];
  await machine.do(
    `systemd-run --quiet --unit=kubelet -p Delegate=true -p KillMode=process --slice=runtime.slice nodelet agent ${all.join(" ")}`,
  );
}
