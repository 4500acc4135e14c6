// ConfigMaps and Secrets that were given together with a pod of `nodelet run`, kept over restarts of the agent: ConfigMaps with the pod's
// record, Secrets in files that never reach a disk.

import { mkdir, readFile, rm, statfs, writeFile } from "node:fs/promises";
import { join } from "node:path";

import type { V1ConfigMap, V1Secret } from "@kubernetes/client-node";

import { isErrno, NodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import { isMapping, kindOf } from "../base/shapes.ts";
import { decodeObject } from "./schema/objects.ts";

const TMPFS_MAGIC = 0x01021994;
const RAMFS_MAGIC = 0x858458f6;

export interface LocalObjects {
  readonly configMaps: readonly V1ConfigMap[];
  readonly secrets: readonly V1Secret[];
}

/** Throws `invalid` for what is neither, or is wrong in itself. */
export function decodeLocalObjects(objects: readonly unknown[], origin: string): LocalObjects {
  const configMaps: V1ConfigMap[] = [];
  const secrets: V1Secret[] = [];
  for (const object of objects) {
    const kind = isMapping(object) ? object["kind"] : undefined;
    if (kind !== "ConfigMap" && kind !== "Secret") {
      throw new NodeletError(
        "invalid",
        `Must be a ConfigMap or a Secret: it is ${typeof kind === "string" ? kind : kindOf(kind)}`,
        {
          where: origin,
          fix: "Put what stays longer than a pod into a file of --pod-manifest-path",
        },
      );
    }
    const decoded = decodeObject(kind, object, { origin });
    if (decoded.kind === "ConfigMap") configMaps.push(decoded.value);
    else secrets.push(decoded.value);
  }
  return { configMaps, secrets };
}

export class LocalSecrets {
  readonly #directory: string | undefined;
  readonly #log: Logger;

  /** `directory` is the agent's own and need not exist; undefined: nothing is kept. */
  constructor(directory: string | undefined, log: Logger) {
    this.#directory = directory;
    this.#log = log;
  }

  /** `key` is the pod's `namespace/name`. */
  async save(key: string, secrets: readonly V1Secret[]): Promise<void> {
    if (this.#directory === undefined) return;
    if (secrets.length === 0) return await this.remove(key);
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const { type } = await statfs(this.#directory);
    if (type !== TMPFS_MAGIC && type !== RAMFS_MAGIC) {
      this.#log.warn({ directory: this.#directory, pod: key }, "not a tmpfs: Secrets are kept until the agent ends");
      return;
    }
    await writeFile(this.#file(key), JSON.stringify(secrets), { mode: 0o600 });
  }

  async load(key: string): Promise<readonly V1Secret[]> {
    if (this.#directory === undefined) return [];
    try {
      return JSON.parse(await readFile(this.#file(key), "utf8")) as V1Secret[];
    } catch (error) {
      if (isErrno(error, "ENOENT")) return [];
      throw error;
    }
  }

  async remove(key: string): Promise<void> {
    if (this.#directory !== undefined) await rm(this.#file(key), { force: true });
  }

  #file(key: string): string {
    return join(this.#directory ?? "", `${encodeURIComponent(key)}.json`);
  }
}
