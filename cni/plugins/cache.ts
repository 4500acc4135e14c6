// What each container holds of CNI networks, as files that libcni's users know: CACHE_DIR/results/NETWORK-CONTAINER-LINK, in
// libcni's form (libcni/api.go, cachedInfo), with a part of our own that libcni passes over.
//
// A file is written before the first plugin runs, and again with the result; it is removed when all plugins have undone
// their part. Written beside and renamed, so that it is whole at any moment; not synced: the plugins' own files are not either.
import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { isErrno } from "../../agent/base/errors.ts";
import type { JsonObject } from "./config.ts";
import type { Attachment } from "./invocation.ts";

const KIND = "cniCacheV1";

export interface CacheEntry {
  readonly network: string;
  readonly attachment: Attachment;
  /** The network's configuration as it was at ADD. */
  readonly config: string;
  /** The file that it came from, for messages. */
  readonly file: string;
  /** Undefined until ADD has ended well. */
  readonly result: JsonObject | undefined;
  /** That it was attached in. */
  readonly bootId: string;
  /** `namespace/name` of the pod, for messages. */
  readonly pod: string;
}

/** An attachment of whatever runtime. */
export interface ForeignEntry {
  readonly network: string;
  readonly containerId: string;
  readonly ifName: string;
}

interface CacheFile {
  readonly kind: string;
  readonly containerId: string;
  /** base64, as Go writes bytes. */
  readonly config: string;
  readonly ifName: string;
  readonly networkName: string;
  readonly netns?: string | undefined;
  readonly cniArgs?: readonly (readonly [string, string])[] | undefined;
  readonly capabilityArgs?: JsonObject | undefined;
  readonly result?: JsonObject | undefined;
  readonly nodelet?:
    | { readonly owner: string; readonly bootId: string; readonly file: string; readonly pod: string }
    | undefined;
}

export class ResultCache {
  readonly #directory: string;
  readonly #owner: string;
  /** What the name of a file ends in while it is being written. */
  readonly #unfinished: string;
  /** By container. */
  readonly #entries = new Map<string, CacheEntry>();

  private constructor(directory: string, owner: string) {
    this.#directory = join(directory, "results");
    this.#owner = owner;
    this.#unfinished = `.new-${createHash("sha256").update(owner).digest("hex").slice(0, 12)}`;
  }

  /** `owner` tells the daemons of a host apart, the same after a reboot: only what it wrote is taken up. */
  static async open(directory: string, owner: string): Promise<ResultCache> {
    const cache = new ResultCache(directory, owner);
    // What a crash left half-written: nothing had been made for it yet, or the whole file is beside it.
    for (const name of await cache.#names()) {
      if (name.endsWith(cache.#unfinished)) await rm(join(cache.#directory, name), { force: true });
    }
    for (const { name, file } of await cache.#readAll()) {
      const own = file.nodelet;
      if (own?.owner !== owner || name !== fileName(file.networkName, file.containerId, file.ifName)) continue;
      cache.#entries.set(file.containerId, {
        network: file.networkName,
        attachment: {
          containerId: file.containerId,
          netns: file.netns ?? "",
          ifName: file.ifName,
          args: file.cniArgs ?? [],
          capabilityArgs: file.capabilityArgs ?? {},
        },
        config: Buffer.from(file.config, "base64").toString("utf8"),
        file: own.file,
        result: file.result,
        bootId: own.bootId,
        pod: own.pod,
      });
    }
    return cache;
  }

  get(containerId: string): CacheEntry | undefined {
    return this.#entries.get(containerId);
  }

  all(): CacheEntry[] {
    return [...this.#entries.values()];
  }

  /** What other runtimes hold of a network. */
  async foreign(network: string): Promise<ForeignEntry[]> {
    return (await this.#readAll())
      .map(({ file }) => file)
      .filter((file) => file.networkName === network && file.nodelet?.owner !== this.#owner)
      .map(({ containerId, ifName }) => ({ network, containerId, ifName }));
  }

  async put(entry: CacheEntry): Promise<void> {
    const { network, attachment, config, file, result, bootId, pod } = entry;
    const content: CacheFile = {
      kind: KIND,
      containerId: attachment.containerId,
      config: Buffer.from(config, "utf8").toString("base64"),
      ifName: attachment.ifName,
      networkName: network,
      netns: attachment.netns === "" ? undefined : attachment.netns,
      cniArgs: attachment.args,
      capabilityArgs: attachment.capabilityArgs,
      result,
      nodelet: { owner: this.#owner, bootId, file, pod },
    };
    const path = this.#path(entry);
    const unfinished = path + this.#unfinished;
    const write = (): Promise<void> => writeFile(unfinished, JSON.stringify(content), { mode: 0o600 });
    try {
      await write();
    } catch (error) {
      if (!isErrno(error, "ENOENT")) throw error;
      await mkdir(this.#directory, { recursive: true, mode: 0o700 });
      await write();
    }
    await rename(unfinished, path);
    this.#entries.set(attachment.containerId, entry);
  }

  /** Missing is success. */
  async remove(entry: CacheEntry): Promise<void> {
    await rm(this.#path(entry), { force: true });
    this.#entries.delete(entry.attachment.containerId);
  }

  #path({ network, attachment }: CacheEntry): string {
    return join(this.#directory, fileName(network, attachment.containerId, attachment.ifName));
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#directory);
    } catch (error) {
      if (isErrno(error, "ENOENT")) return [];
      throw error;
    }
  }

  async #readAll(): Promise<{ name: string; file: CacheFile }[]> {
    const found = await Promise.all(
      (await this.#names()).map(async (name) => {
        const file = await readCacheFile(join(this.#directory, name));
        return file === undefined ? undefined : { name, file };
      }),
    );
    return found.filter((item) => item !== undefined);
  }
}

function fileName(network: string, containerId: string, ifName: string): string {
  return `${network}-${containerId}-${ifName}`;
}

/** Undefined for what is not in this form, as for libcni. */
async function readCacheFile(path: string): Promise<CacheFile | undefined> {
  let value: unknown;
  try {
    value = JSON.parse(await readFile(path, "utf8"));
  } catch (error) {
    if (error instanceof SyntaxError || isErrno(error, "ENOENT", "EISDIR")) return undefined;
    throw error;
  }
  if (typeof value !== "object" || value === null || !("kind" in value) || value.kind !== KIND) return undefined;
  const file = value as CacheFile;
  const texts = [file.containerId, file.config, file.ifName, file.networkName];
  return texts.every((text) => typeof text === "string" && text !== "") ? file : undefined;
}
