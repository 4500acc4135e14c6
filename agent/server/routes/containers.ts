// GET /nodelet/v1/containers: all containers with their status, and all sandboxes, as the CRI lists them.

import { isNodeletError } from "../../base/errors.ts";
import type { Container, ContainerStatus } from "../../cri/runtime.ts";
import type { ServerDeps } from "../deps.ts";
import type { Route } from "../router.ts";

export function containersRoute({ cri }: Pick<ServerDeps, "cri">): Route {
  return {
    method: "GET",
    path: "/nodelet/v1/containers",
    async handle(call) {
      const options = { signal: call.signal };
      const [{ containers = [] }, { items = [] }] = await Promise.all([
        cri.listContainers({}, options),
        cri.listPodSandbox({}, options),
      ]);
      const status = async (container: Container): Promise<ContainerStatus | undefined> => {
        try {
          return (await cri.containerStatus({ containerId: container.id ?? "" }, options)).status;
        } catch (error) {
          if (isNodeletError(error, "not-found")) return undefined; // removed since it was listed
          throw error;
        }
      };
      const statuses = await Promise.all(containers.map(status));
      call.json({
        containers: containers.flatMap((container, index) => {
          const found = statuses[index];
          return found === undefined ? [] : [{ ...container, status: found }];
        }),
        sandboxes: items,
      });
    },
  };
}
