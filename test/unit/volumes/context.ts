// What volumes are set up with, in a directory of the test.

import type { V1ConfigMap, V1Secret } from "@kubernetes/client-node";

import { downwardFields } from "../../../agent/pods/downward.ts";
import { NO_OBJECTS } from "../../../agent/kube/objects.ts";
import type { System } from "../../../agent/system/system.ts";
import type { VolumeContext } from "../../../agent/volumes/volume.ts";
import { directCalls } from "../../fixtures/direct-calls.ts";
import { decoded, realTrees } from "../pods/node.ts";

/** ConfigMaps and Secrets by name, that the test may change. */
export interface Objects {
  readonly configMaps?: Record<string, V1ConfigMap>;
  readonly secrets?: Record<string, V1Secret>;
}

export function volumeContext(
  podDir: string,
  spec: object,
  options: { system?: System; objects?: Objects; metadata?: object } = {},
): VolumeContext {
  const { pod } = decoded("p", spec, options.metadata);
  const { configMaps = {}, secrets = {} } = options.objects ?? {};
  return {
    system: options.system ?? realTrees().system,
    slow: directCalls,
    pod,
    podDir,
    objects: {
      ...NO_OBJECTS,
      configMap: async (_namespace, name) => configMaps[name],
      secret: async (_namespace, name) => secrets[name],
    },
    downward: downwardFields(pod, () => ({ cpuMilli: 2000n, memory: 1n << 30n })),
  };
}
