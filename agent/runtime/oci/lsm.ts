// AppArmor and SELinux: what is asked for and cannot be given is refused, as a container with less confinement than it asks
// for is worse than none.

import { NodeletError } from "../../base/errors.ts";
import {
  SecurityProfile_ProfileType,
  type LinuxContainerSecurityContext,
  type SecurityProfile,
} from "../../cri/types.gen.ts";
import { isApparmorProfile, type EnabledLsms } from "../../system/lsm.ts";

export interface LsmFeatures extends EnabledLsms {
  /** A loaded profile for RuntimeDefault, and for containers that name none. */
  readonly apparmorDefaultProfile?: string | undefined;
}

const APPARMOR = "linux.security_context.apparmor";

/** The name of the profile that exec changes to, or undefined for none. */
export function containerApparmor(
  context: LinuxContainerSecurityContext | undefined,
  features: LsmFeatures,
): string | undefined {
  const profile = context?.apparmor ?? fromText(context?.apparmorProfile ?? "") ?? unnamed(features);
  if (profile === undefined) return undefined;
  const type = profile.profileType ?? SecurityProfile_ProfileType.RuntimeDefault;
  if (type === SecurityProfile_ProfileType.Unconfined) return undefined;
  if (type === SecurityProfile_ProfileType.RuntimeDefault && context?.privileged === true) return undefined;
  if (!features.apparmor) {
    throw new NodeletError("unsupported", "an AppArmor profile is asked for, but this host has no AppArmor", {
      where: APPARMOR,
      fix: "run the pod on a node with AppArmor, or drop its appArmorProfile",
    });
  }
  if (type === SecurityProfile_ProfileType.RuntimeDefault) {
    if (features.apparmorDefaultProfile !== undefined) return features.apparmorDefaultProfile;
    throw new NodeletError("unsupported", "no AppArmor profile is loaded for RuntimeDefault", {
      where: APPARMOR,
      fix: "load a profile and name it with --apparmor-default-profile or as Localhost, or use Unconfined",
    });
  }
  const name = (profile.localhostRef ?? "").replace(/^localhost\//, "");
  if (!isApparmorProfile(name)) {
    throw new NodeletError("invalid", "a Localhost profile is asked for, but none is named", {
      where: `${APPARMOR}.localhost_ref`,
      fix: "name a profile that is loaded on the node",
    });
  }
  return name;
}

/** As with containerd: who names no profile has that of RuntimeDefault, where there is one. */
function unnamed({ apparmor, apparmorDefaultProfile }: LsmFeatures): SecurityProfile | undefined {
  if (!apparmor || apparmorDefaultProfile === undefined) return undefined;
  return { profileType: SecurityProfile_ProfileType.RuntimeDefault };
}

function fromText(text: string): SecurityProfile | undefined {
  if (text === "") return undefined;
  if (text === "unconfined") return { profileType: SecurityProfile_ProfileType.Unconfined };
  if (text === "runtime/default") return { profileType: SecurityProfile_ProfileType.RuntimeDefault };
  if (text.startsWith("localhost/")) return { profileType: SecurityProfile_ProfileType.Localhost, localhostRef: text };
  throw new NodeletError("invalid", `${JSON.stringify(text.slice(0, 100))} is not an AppArmor profile`, {
    where: "linux.security_context.apparmor_profile",
    fix: "use runtime/default, unconfined or localhost/NAME",
  });
}

/**
 * nodelet sets no SELinux labels: a container that asks for one is refused on a host that has SELinux. Where there is none, labels say
 * nothing and are passed over, as kubelet and other runtimes do.
 */
export function refuseSelinux(context: LinuxContainerSecurityContext | undefined, { selinux }: LsmFeatures): void {
  const { user, role, type, level } = context?.selinuxOptions ?? {};
  if (selinux && (user || role || type || level)) {
    throw new NodeletError("unsupported", "an SELinux label is asked for, which this runtime does not set", {
      where: "linux.security_context.selinux_options",
      fix: "drop seLinuxOptions from the pod",
    });
  }
}
