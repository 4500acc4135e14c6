// The user namespace that a pod asks for, checked before the kernel answers with a bare EINVAL.

import { NodeletError } from "../../base/errors.ts";
import { NamespaceMode, type IDMapping, type UserNamespace } from "../../cri/types.gen.ts";
import type { Mapping } from "../../system/system.ts";

export interface IdMappings {
  readonly uids: readonly Mapping[];
  readonly gids: readonly Mapping[];
}

const WHERE = "linux.security_context.namespace_options.userns_options";

/** The last id, 2^32 - 1, is no user. */
const IDS = 2 ** 32 - 1;

/** Lines that a map may have, user_namespaces(7). */
const LINES_MAX = 340;

/** Undefined: the host's users. */
export function idMappingsOf(options: UserNamespace | undefined): IdMappings | undefined {
  if (options === undefined || options.mode === NamespaceMode.NODE) return undefined;
  const mode = options.mode ?? NamespaceMode.POD;
  if (mode !== NamespaceMode.POD) {
    throw new NodeletError("invalid", "a user namespace is the pod's or the node's", {
      where: `${WHERE}.mode`,
      fix: "use POD or NODE",
    });
  }
  return { uids: mappings(options.uids, "uids"), gids: mappings(options.gids, "gids") };
}

function mappings(given: readonly IDMapping[] | undefined, name: string): Mapping[] {
  const where = `${WHERE}.${name}`;
  const refuse = (message: string): never => {
    throw new NodeletError("invalid", message, { where });
  };
  const list = (given ?? []).map(({ containerId = 0, hostId = 0, length = 0 }) => ({
    containerId,
    hostId,
    size: length,
  }));
  if (list.length === 0) refuse("holds no mapping");
  if (list.length > LINES_MAX) refuse(`holds more than ${LINES_MAX} mappings`);
  for (const { containerId, hostId, size } of list) {
    if (size === 0) refuse("holds a mapping of no ids");
    if (containerId + size > IDS || hostId + size > IDS) refuse("holds a mapping beyond the last id");
  }
  for (const side of ["containerId", "hostId"] as const) {
    const sorted = list.toSorted((a, b) => a[side] - b[side]);
    for (const [index, { size, ...mapping }] of sorted.entries()) {
      const next = sorted[index + 1];
      if (next !== undefined && mapping[side] + size > next[side]) refuse("holds mappings that overlap");
    }
  }
  if (!list.some(({ containerId }) => containerId === 0))
    refuse("leaves root, id 0 in the container, without a mapping");
  return list;
}
