// Variables that tell containers of Services, in the forms of Kubernetes and of docker links. Pure.

import type { V1Service } from "@kubernetes/client-node";

/** Always told, so that programs in the cluster find its API server. */
const API_SERVICE = { namespace: "default", name: "kubernetes" };

/** Of the Services of the namespace if the pod wants links, and of the API server's always; those without an address are left out. */
export function serviceVariables(
  services: Iterable<V1Service>,
  namespace: string,
  links: boolean,
): ReadonlyMap<string, string> {
  const told = new Map<string, V1Service>();
  for (const service of services) {
    const { name = "", namespace: place = "" } = service.metadata ?? {};
    const ip = service.spec?.clusterIP ?? "";
    if (ip === "" || ip === "None") continue;
    if (place === namespace && links) told.set(name, service);
    else if (place === API_SERVICE.namespace && name === API_SERVICE.name && !told.has(name)) told.set(name, service);
  }
  const variables = new Map<string, string>();
  for (const [name, service] of [...told].toSorted(([a], [b]) => (a < b ? -1 : 1))) add(variables, name, service);
  return variables;
}

function add(variables: Map<string, string>, name: string, { spec }: V1Service): void {
  const prefix = name.toUpperCase().replaceAll("-", "_");
  const ip = spec?.clusterIP ?? "";
  const host = ip.includes(":") ? `[${ip}]` : ip;
  const ports = spec?.ports ?? [];
  const [first] = ports;
  variables.set(`${prefix}_SERVICE_HOST`, ip);
  if (first === undefined) return;
  variables.set(`${prefix}_SERVICE_PORT`, String(first.port));
  for (const { name: port, port: number } of ports)
    if (port !== undefined && port !== "")
      variables.set(`${prefix}_SERVICE_PORT_${port.toUpperCase().replaceAll("-", "_")}`, String(number));
  for (const [index, { port, protocol = "TCP" }] of ports.entries()) {
    const lower = protocol.toLowerCase();
    const link = `${prefix}_PORT_${port}_${protocol.toUpperCase()}`;
    if (index === 0) variables.set(`${prefix}_PORT`, `${lower}://${host}:${port}`);
    variables.set(link, `${lower}://${host}:${port}`);
    variables.set(`${link}_PROTO`, lower);
    variables.set(`${link}_PORT`, String(port));
    variables.set(`${link}_ADDR`, ip);
  }
}
