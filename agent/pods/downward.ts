// What files of the downward API show of a pod.

import { NodeletError } from "../base/errors.ts";
import type { DownwardFields } from "../volumes/volume.ts";
import { type NodeAmounts, podField, resourceField } from "./env.ts";
import type { DecodedPod } from "./schema/decode.ts";

/** Of the pod alone: what is only known once it runs is no field of a file. */
const NO_ADDRESSES = { podIPs: [], hostIPs: [], nodeName: "" };

export function downwardFields(pod: DecodedPod, node: () => NodeAmounts): DownwardFields {
  return {
    field(path) {
      if (path === "metadata.labels") return formatMap(pod.metadata.labels ?? {});
      if (path === "metadata.annotations") return formatMap(pod.metadata.annotations ?? {});
      return podField(path, pod, NO_ADDRESSES);
    },
    resource(containerName, resource, divisor) {
      const all = [...(pod.spec.initContainers ?? []), ...pod.spec.containers];
      const container = all.find((item) => item.name === containerName);
      if (container !== undefined) return resourceField(resource, divisor, container, node);
      throw new NodeletError("invalid", `The pod has no container ${JSON.stringify(containerName)}`, {
        where: "resourceFieldRef.containerName",
      });
    },
  };
}

/** A line a key, by key, the value quoted as Go quotes it: programs parse it. */
export function formatMap(map: Readonly<Record<string, string>>): string {
  return Object.entries(map)
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, value]) => `${key}=${quote(value)}`)
    .join("\n");
}

const ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\u0007": "\\a",
  "\b": "\\b",
  "\f": "\\f",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\v": "\\v",
};

/** strconv.Quote. */
function quote(text: string): string {
  const escaped = text.replace(/["\\]|\p{C}|\p{Zl}|\p{Zp}|(?! )\p{Zs}/gu, (character) => {
    const known = ESCAPES[character];
    if (known !== undefined) return known;
    const code = character.codePointAt(0) ?? 0;
    const hex = code.toString(16);
    if (code < 0x20 || code === 0x7f) return `\\x${hex.padStart(2, "0")}`;
    return code > 0xffff ? `\\U${hex.padStart(8, "0")}` : `\\u${hex.padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}
