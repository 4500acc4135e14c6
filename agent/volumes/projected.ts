// projected: several sources in one directory. A later source wins where two give the same path.

import type { V1Volume } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";
import { readTrustBundle } from "./cluster-trust-bundle.ts";
import { readConfigMap } from "./config-map.ts";
import { DEFAULT_MODE, downwardPayload } from "./payload.ts";
import type { PayloadFile } from "./payload.ts";
import { setUpPayload } from "./payload-volume.ts";
import { readSecret } from "./secret.ts";
import { readToken } from "./service-account-token.ts";
import type { VolumeContext, VolumeKind, VolumeSource } from "./volume.ts";

const PLUGIN = "kubernetes.io~projected";

export const projected: VolumeKind = {
  field: "projected",
  plugin: PLUGIN,
  live: true,

  async setUp(context: VolumeContext, volume: V1Volume): Promise<VolumeSource> {
    const { sources = [], defaultMode = DEFAULT_MODE } = volume.projected ?? {};
    const payload = new Map<string, PayloadFile>();
    for (const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle, podCertificate } of sources) {
      if (podCertificate !== undefined) {
        throw new NodeletError("unsupported", "Certificates for pods are not there yet", {
          where: `spec.volumes[${volume.name}].projected.sources.podCertificate`,
          fix: "Remove it",
        });
      }
      const parts = [
        configMap === undefined ? undefined : await readConfigMap(context, configMap, defaultMode),
        secret === undefined ? undefined : await readSecret(context, secret, defaultMode),
        downwardAPI === undefined ? undefined : downwardPayload(downwardAPI.items ?? [], defaultMode, context.downward),
        serviceAccountToken === undefined ? undefined : await readToken(context, serviceAccountToken, defaultMode),
        clusterTrustBundle === undefined ? undefined : await readTrustBundle(context, clusterTrustBundle, defaultMode),
      ];
      for (const part of parts) for (const [path, file] of part ?? []) payload.set(path, file);
    }
    return await setUpPayload(context, { plugin: PLUGIN, name: volume.name, inMemory: true }, payload);
  },
};
