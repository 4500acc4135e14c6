// The namespaces of a container: the pod's by their pins, its own, or the host's (left out of the list, as the OCI has it).

import { NodeletError } from "../../base/errors.ts";
import { NamespaceMode, type ContainerConfig } from "../../cri/types.gen.ts";
import type { OciNamespace } from "./types.ts";

/** Paths of the namespaces to join. Undefined: the host's, or for `pid` with mode CONTAINER one of its own. */
export interface NamespacePaths {
  readonly network?: string | undefined;
  readonly ipc?: string | undefined;
  readonly uts?: string | undefined;
  readonly pid?: string | undefined;
  readonly user?: string | undefined;
}

export function containerNamespaces(
  config: ContainerConfig,
  paths: NamespacePaths,
  cgroupNamespace: boolean,
): OciNamespace[] {
  const namespaces: OciNamespace[] = [];
  const join = (type: OciNamespace["type"], path: string | undefined): void => {
    if (path !== undefined) namespaces.push({ type, path });
  };
  const mode = config.linux?.securityContext?.namespaceOptions?.pid ?? NamespaceMode.POD;
  switch (mode) {
    case NamespaceMode.CONTAINER:
      namespaces.push({ type: "pid" });
      break;
    case NamespaceMode.NODE:
      break;
    case NamespaceMode.POD:
    case NamespaceMode.TARGET:
      if (paths.pid === undefined) {
        throw new NodeletError(
          "invalid",
          `the container shares a pid namespace of its ${mode === NamespaceMode.POD ? "pod" : "target"}, which has none to share`,
          {
            where: "linux.security_context.namespace_options.pid",
            fix: "use the same pid mode in the pod sandbox and its containers",
          },
        );
      }
      join("pid", paths.pid);
      break;
    default:
      throw new NodeletError("invalid", `there is no pid namespace mode ${String(mode)}`, {
        where: "linux.security_context.namespace_options.pid",
      });
  }
  join("ipc", paths.ipc);
  join("uts", paths.uts);
  namespaces.push({ type: "mount" });
  join("network", paths.network);
  if (cgroupNamespace) namespaces.push({ type: "cgroup" });
  join("user", paths.user);
  return namespaces;
}
