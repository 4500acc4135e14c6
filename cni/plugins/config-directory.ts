// The directory of network configurations. The first file in lexical order counts, as for containerd; when it is broken, no other takes
// its place, as pods would then be connected to another network than meant.
import { existsSync, watch, type FSWatcher } from "node:fs";
import { readdir, readFile, stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { describeError, isErrno, NodeletError } from "../../agent/base/errors.ts";
import { parseNetworkList, parsePluginText, parseSingle, withLoadedPlugins, type NetworkConfig } from "./config.ts";

const LIST = ".conflist";
const SINGLE = [".conf", ".json"];
const FILE_BYTES_MAX = 1024 * 1024;

export interface LoadedNetwork {
  readonly config: NetworkConfig;
  readonly file: string;
}

export type Configuration =
  | { readonly kind: "none" }
  | { readonly kind: "broken"; readonly error: Error }
  | { readonly kind: "good"; readonly network: LoadedNetwork };

export class ConfigDirectory {
  readonly path: string;
  #signature = "";
  #configuration: Configuration = { kind: "none" };
  readonly #watchers = new Map<string, FSWatcher>();
  #onChange: (() => void) | undefined;

  constructor(path: string) {
    this.path = path;
  }

  /** What the files say now. The same object while no file has changed. Never rejects. */
  async read(): Promise<Configuration> {
    this.#watchAll(); // first, so that what changes from here on is told
    let configuration: Configuration;
    let signature = "";
    try {
      const [first] = await filesOf(this.path, [LIST, ...SINGLE]);
      if (first === undefined) {
        configuration = { kind: "none" };
      } else {
        signature = await this.#sign(first, loadedOf(this.#configuration));
        if (signature === this.#signature) return this.#configuration;
        const network = await load(first);
        configuration = { kind: "good", network };
        // The network's name says where its other files are. What changed while it was read is read again next time.
        const after = await this.#sign(first, network);
        signature = after.startsWith(signature.split("\n", 1)[0] ?? "") ? after : "";
      }
    } catch (error) {
      signature = "";
      configuration = { kind: "broken", error: error instanceof Error ? error : new Error(String(error)) };
    }
    this.#signature = signature;
    if (!sameConfiguration(this.#configuration, configuration)) this.#configuration = configuration;
    this.#watchAll();
    return this.#configuration;
  }

  /** The identity of every file that counts, a line each. */
  async #sign(first: string, network: LoadedNetwork | undefined): Promise<string> {
    const others = network?.file === first ? await pluginFiles(network) : [];
    const lines = await Promise.all(
      [first, ...others].map(async (file) => {
        const { dev, ino, size, mtimeNs, ctimeNs } = await stat(file, { bigint: true });
        return [file, dev, ino, size, mtimeNs, ctimeNs].join(" ");
      }),
    );
    return lines.join("\n");
  }

  /** Calls back when something may have changed. What a watch misses shows at the next `read`. */
  watch(onChange: () => void): void {
    this.#onChange = onChange;
    this.#watchAll();
  }

  close(): void {
    this.#onChange = undefined;
    for (const watcher of this.#watchers.values()) watcher.close();
    this.#watchers.clear();
  }

  /** The directory, the nearest one above it (it may be removed and made again), and that of the network's other plugins. */
  #watchAll(): void {
    if (this.#onChange === undefined) return;
    let above = dirname(this.path);
    while (above !== dirname(above) && !existsSync(above)) above = dirname(above);
    const wanted = new Set([this.path, above]);
    const network = loadedOf(this.#configuration);
    if (network !== undefined && !network.config.loadOnlyInlinedPlugins)
      wanted.add(join(this.path, network.config.name));
    for (const [path, watcher] of this.#watchers) {
      if (wanted.has(path)) continue;
      watcher.close();
      this.#watchers.delete(path);
    }
    for (const path of wanted) {
      if (!this.#watchers.has(path)) this.#watchOne(path);
    }
  }

  #watchOne(path: string): void {
    const forget = (): void => {
      watcher?.close();
      if (this.#watchers.get(path) === watcher) this.#watchers.delete(path);
    };
    let watcher: FSWatcher | undefined;
    try {
      watcher = watch(path, { persistent: false }, (event) => {
        // Perhaps the directory itself was removed: what is made in its place is another one.
        if (event === "rename") forget();
        this.#onChange?.();
      });
    } catch {
      return; // it is not there; that above it tells when it is
    }
    watcher.on("error", forget);
    this.#watchers.set(path, watcher);
  }
}

function loadedOf(configuration: Configuration): LoadedNetwork | undefined {
  return configuration.kind === "good" ? configuration.network : undefined;
}

async function filesOf(directory: string, extensions: readonly string[]): Promise<string[]> {
  try {
    const entries = await readdir(directory, { withFileTypes: true });
    return entries
      .filter((entry) => !entry.isDirectory() && extensions.includes(extname(entry.name)))
      .map((entry) => entry.name)
      .toSorted((a, b) => (a < b ? -1 : 1))
      .map((name) => join(directory, name));
  } catch (error) {
    if (isErrno(error, "ENOENT")) return [];
    throw new NodeletError("unavailable", "Cannot read CNI configurations", { where: directory, cause: error });
  }
}

/** Those of plugins that are not in the list itself. */
async function pluginFiles({ config, file }: LoadedNetwork): Promise<string[]> {
  return config.loadOnlyInlinedPlugins ? [] : await filesOf(join(dirname(file), config.name), [".conf"]);
}

/** Of a file that was changed without any change to what it says; of the same trouble as before. */
function sameConfiguration(a: Configuration, b: Configuration): boolean {
  if (a.kind === "broken" && b.kind === "broken") return describeError(a.error) === describeError(b.error);
  if (a.kind === "good" && b.kind === "good") {
    return a.network.file === b.network.file && a.network.config.text === b.network.config.text;
  }
  return a.kind === b.kind;
}

async function readText(file: string): Promise<string> {
  const info = await stat(file);
  if (!info.isFile())
    throw new NodeletError("invalid", "Cannot use the CNI configuration: it is not a file", { where: file });
  if (info.size > FILE_BYTES_MAX) {
    throw new NodeletError(
      "invalid",
      `Cannot use the CNI configuration: it is larger than ${FILE_BYTES_MAX / 1024} KiB`,
      {
        where: file,
      },
    );
  }
  return await readFile(file, "utf8");
}

async function load(file: string): Promise<LoadedNetwork> {
  const text = await readText(file);
  if (extname(file) !== LIST) return { config: parseSingle(text, file), file };
  const config = parseNetworkList(text, file);
  const others = await pluginFiles({ config, file });
  const plugins = await Promise.all(others.map(async (other) => parsePluginText(await readText(other), other)));
  return { config: withLoadedPlugins(config, plugins, file), file };
}
