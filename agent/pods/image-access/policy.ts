// Whether a pod has to show credentials for an image that is there: KubeletConfiguration's imagePullCredentialsVerificationPolicy and
// preloadedImagesVerificationAllowlist. Pure.
//
// Source: KEP-2535, kubernetes pkg/kubelet/images/pullmanager/image_pull_policies.go (behaviour).

export type VerificationPolicy =
  | "NeverVerify"
  | "NeverVerifyPreloadedImages"
  | "NeverVerifyAllowlistedImages"
  | "AlwaysVerify";

export interface VerificationRules {
  readonly policy: VerificationPolicy;
  /** Names without tag and digest, or beginnings of them with `/*` behind; for NeverVerifyAllowlistedImages. */
  readonly allowlist: readonly string[];
}

/** `image` is as the pod names it; `pulledByNode`: it is here because a pod of this node pulled it. */
export function needsVerification(
  { policy, allowlist }: VerificationRules,
  image: string,
  pulledByNode: boolean,
): boolean {
  switch (policy) {
    case "NeverVerify":
      return false;
    case "NeverVerifyPreloadedImages":
      return pulledByNode;
    case "NeverVerifyAllowlistedImages":
      return !isAllowed(withoutTag(image), allowlist);
    case "AlwaysVerify":
      return true;
  }
}

function isAllowed(name: string, allowlist: readonly string[]): boolean {
  return allowlist.some((entry) => (entry.endsWith("/*") ? name.startsWith(entry.slice(0, -1)) : name === entry));
}

/** The name as it is written, its tag and digest cut off. `image` is known to be a reference. */
export function withoutTag(image: string): string {
  const [name = ""] = image.split("@");
  const colon = name.lastIndexOf(":");
  return colon > name.lastIndexOf("/") ? name.slice(0, colon) : name;
}
