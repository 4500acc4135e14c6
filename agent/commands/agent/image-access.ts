// Which images pods may use, as KubeletConfiguration says, over the images that the store has.

import type { Clock } from "../../base/clock.ts";
import type { Logger } from "../../base/log.ts";
import { featureGates } from "../../config/kubelet/feature-gates.ts";
import type { AgentOptions } from "../../config/options.ts";
import type { ImageStore } from "../../images/images.ts";
import { ImageAccess } from "../../pods/image-access/image-access.ts";

/** Undefined with the feature gate off: pods may use all images. */
export async function openImageAccess(
  { kubelet, rootDir }: Pick<AgentOptions, "kubelet" | "rootDir">,
  images: Pick<ImageStore, "list" | "pulls">,
  clock: Clock,
  log: Logger,
): Promise<ImageAccess | undefined> {
  if (!featureGates(kubelet.featureGates ?? {}).enabled("KubeletEnsureSecretPulledImages")) return undefined;
  const access = await ImageAccess.open({
    rootDir,
    rules: {
      policy: kubelet.imagePullCredentialsVerificationPolicy ?? "NeverVerifyPreloadedImages",
      allowlist: kubelet.preloadedImagesVerificationAllowlist ?? [],
    },
    clock,
    log: log.child({ part: "images" }),
  });
  await tidyImageAccess(access, images);
  return access;
}

export async function tidyImageAccess(access: ImageAccess, images: Pick<ImageStore, "list" | "pulls">): Promise<void> {
  const present = images.list().map(({ id, tags, digests }) => ({ id, names: [...tags, ...digests] }));
  const pulling = images.pulls().map(({ reference }) => reference);
  await access.tidy(present, pulling);
}
