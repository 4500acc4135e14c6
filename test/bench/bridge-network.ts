// Networks of the CNI bridge plugin, the same for whoever is measured.

export interface BridgeNetwork {
  readonly cniVersion: string;
  /** Also the bridge's. */
  readonly name: string;
  readonly plugins: readonly object[];
}

/**
 * With `masquerade` as containerd's documentation has it: the bridge plugin starts host-local and, to connect a pod, iptables nine times, and
 * portmap runs after it. Without: bridge and host-local alone. `dataDir`: of host-local.
 */
export function bridgeNetwork(options: {
  name: string;
  subnet: string;
  dataDir: string;
  masquerade: boolean;
}): BridgeNetwork {
  const { name, subnet, dataDir, masquerade } = options;
  const bridge = {
    type: "bridge",
    bridge: name,
    isGateway: true,
    ipMasq: masquerade,
    ipam: { type: "host-local", dataDir, ranges: [[{ subnet }]], routes: [{ dst: "0.0.0.0/0" }] },
  };
  const portmap = { type: "portmap", capabilities: { portMappings: true } };
  return { cniVersion: "1.0.0", name, plugins: masquerade ? [bridge, portmap] : [bridge] };
}
