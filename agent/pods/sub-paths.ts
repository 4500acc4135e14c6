// Which parts of volumes a container mounts: subPath and subPathExpr.

import type { V1Container } from "@kubernetes/client-node";

import { NodeletError } from "../base/errors.ts";

/** By the index of the mount. `env` has what subPathExpr may name. */
export function subPathsOf(container: V1Container, env: ReadonlyMap<string, string>): ReadonlyMap<number, string> {
  const result = new Map<number, string>();
  for (const [index, mount] of (container.volumeMounts ?? []).entries()) {
    const where = `container ${container.name}: volumeMounts[${index}]`;
    if (mount.subPath !== undefined && mount.subPath !== "") {
      result.set(index, checked(mount.subPath, `${where}.subPath`));
    } else if (mount.subPathExpr !== undefined && mount.subPathExpr !== "") {
      const path = expandAll(mount.subPathExpr, env, `${where}.subPathExpr`);
      if (path !== "") result.set(index, checked(path, `${where}.subPathExpr`));
    }
  }
  return result;
}

/** Unlike in a command, a reference to a variable that is not there is an error. */
function expandAll(text: string, env: ReadonlyMap<string, string>, where: string): string {
  return text.replace(/\$(?:\$|\(([^()]*)\))/g, (_whole, name: string | undefined) => {
    if (name === undefined) return "$";
    const value = env.get(name);
    if (value !== undefined) return value;
    throw new NodeletError("invalid", `missing value for ${JSON.stringify(name)}`, {
      where,
      fix: `Set ${name} in the container's env`,
    });
  });
}

function checked(path: string, where: string): string {
  const wrong = path.startsWith("/") ? "is absolute" : path.split("/").includes("..") ? "has a '..'" : undefined;
  if (wrong === undefined) return path;
  throw new NodeletError("invalid", `${JSON.stringify(path)} ${wrong}: it must lie in the volume`, { where });
}
