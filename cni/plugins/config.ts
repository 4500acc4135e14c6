// A network's configuration: a list of plugins, from a .conflist, or one plugin from a .conf or .json.
// Source: CNI SPEC 1.1.0, section 1; in what it leaves open, as libcni 1.3.0 reads them. Pure.
import { describeError, NodeletError } from "../../agent/base/errors.ts";
import { compareVersions, isVersion, NEWEST } from "./version.ts";

export type JsonObject = Readonly<Record<string, unknown>>;

export interface PluginConfig {
  /** The file name of the program. */
  readonly type: string;
  /** Names of capabilities that it takes, those set to true. */
  readonly capabilities: readonly string[];
  /** The whole object, unknown keys too. */
  readonly raw: JsonObject;
}

export interface NetworkConfig {
  readonly name: string;
  /** Those that the configuration offers and are spoken here, the newest first; `""` when it names none. */
  readonly versions: readonly [string, ...string[]];
  readonly disableCheck: boolean;
  readonly disableGc: boolean;
  readonly loadOnlyInlinedPlugins: boolean;
  readonly plugins: readonly PluginConfig[];
  /** The list as a text: what is kept to detach by, whatever becomes of the file. */
  readonly text: string;
}

/** Names of networks and ids of containers: SPEC.md, "Configuration format" and "Parameters". */
const NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;
/** A file of the cache is named after network, container and link, and a file name has at most 255 bytes. */
const NAME_LENGTH_MAX = 128;

export function isNetworkName(name: string): boolean {
  return NAME.test(name) && name.length <= NAME_LENGTH_MAX;
}

function invalid(where: string, message: string, fix?: string): NodeletError {
  return new NodeletError("invalid", `Cannot use the CNI configuration: ${message}`, { where, fix });
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string, where: string): JsonObject {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw invalid(where, `it is not JSON: ${describeError(error)}`);
  }
  if (!isObject(value)) throw invalid(where, "it is not a JSON object");
  return value;
}

/** One plugin's object. `where` is the file and the place in it. */
export function parsePlugin(value: unknown, where: string): PluginConfig {
  if (!isObject(value)) throw invalid(where, "a plugin must be an object");
  const { type, capabilities } = value;
  if (typeof type !== "string" || type === "") throw invalid(`${where}.type`, "the plugin's type is missing");
  if (/[/\0]/.test(type) || type === "." || type === "..") {
    throw invalid(
      `${where}.type`,
      `${JSON.stringify(type)} is not the name of a program`,
      "Write a file name without directories",
    );
  }
  if (capabilities !== undefined && capabilities !== null && !isObject(capabilities)) {
    throw invalid(`${where}.capabilities`, "capabilities must be an object");
  }
  const wanted: string[] = [];
  for (const [name, enabled] of Object.entries(capabilities ?? {})) {
    if (typeof enabled !== "boolean") throw invalid(`${where}.capabilities.${name}`, "it must be true or false");
    if (enabled) wanted.push(name);
  }
  return { type, capabilities: wanted, raw: value };
}

export function parsePluginText(text: string, where: string): PluginConfig {
  return parsePlugin(parseObject(text, where), where);
}

/** As libcni reads it: also the words. */
function readSwitch(raw: JsonObject, key: string, where: string): boolean {
  const value = raw[key];
  if (value === undefined) return false;
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.toLowerCase() : "";
  if (word !== "true" && word !== "false") throw invalid(`${where}: ${key}`, "it must be true or false");
  return word === "true";
}

function readVersions(raw: JsonObject, where: string): readonly [string, ...string[]] {
  const { cniVersion = "", cniVersions = [] } = raw;
  if (typeof cniVersion !== "string" || !isVersion(cniVersion)) {
    throw invalid(
      `${where}: cniVersion`,
      `${JSON.stringify(cniVersion)} is not a version`,
      'Write a version such as "1.0.0"',
    );
  }
  if (!Array.isArray(cniVersions)) throw invalid(`${where}: cniVersions`, "it must be a list of versions");
  const offered: string[] = [];
  for (const [index, version] of (cniVersions as unknown[]).entries()) {
    if (typeof version !== "string" || !isVersion(version)) {
      throw invalid(`${where}: cniVersions[${index}]`, `${JSON.stringify(version)} is not a version`);
    }
    offered.push(version);
  }
  if (cniVersion !== "" || offered.length === 0) offered.push(cniVersion);
  const [newest, ...others] = [...new Set(offered)]
    .filter((version) => compareVersions(version, NEWEST) <= 0)
    .toSorted((a, b) => compareVersions(b, a));
  if (newest === undefined) {
    throw invalid(
      `${where}: cniVersion`,
      `it wants version ${offered.join(" or ")}, and ${NEWEST} is the newest that is known here`,
      `Write "${NEWEST}" or earlier, or add it to cniVersions`,
    );
  }
  return [newest, ...others];
}

/** A .conflist. Plugins that are kept in files of their own are not in it: `withLoadedPlugins`. */
export function parseNetworkList(text: string, where: string): NetworkConfig {
  const raw = parseObject(text, where);
  const { name, plugins } = raw;
  if (typeof name !== "string") throw invalid(`${where}: name`, "the network's name is missing");
  checkName(name, where);
  const loadOnlyInlinedPlugins = readSwitch(raw, "loadOnlyInlinedPlugins", where);
  if (plugins === undefined && loadOnlyInlinedPlugins) {
    throw invalid(`${where}: plugins`, "loadOnlyInlinedPlugins is true, and there are no plugins");
  }
  if (plugins !== undefined && !Array.isArray(plugins)) throw invalid(`${where}: plugins`, "it must be a list");
  if (plugins !== undefined && plugins.length === 0) throw invalid(`${where}: plugins`, "it has no plugin in it");
  return {
    name,
    versions: readVersions(raw, where),
    disableCheck: readSwitch(raw, "disableCheck", where),
    disableGc: readSwitch(raw, "disableGC", where),
    loadOnlyInlinedPlugins,
    plugins: ((plugins ?? []) as unknown[]).map((plugin, index) => parsePlugin(plugin, `${where}: plugins[${index}]`)),
    text,
  };
}

/** A .conf or .json: a network of one plugin. */
export function parseSingle(text: string, where: string): NetworkConfig {
  const raw = parseObject(text, where);
  if (Array.isArray(raw["plugins"]) && raw["type"] === undefined) {
    throw invalid(where, "it is a list of plugins in a file for one", "Let its name end in .conflist");
  }
  const plugin = parsePlugin(raw, where);
  const { name = "", cniVersion = "", cniVersions } = raw;
  if (typeof name !== "string") throw invalid(`${where}: name`, "it must be a string");
  checkName(name, where);
  return {
    name,
    versions: readVersions(raw, where),
    disableCheck: false,
    disableGc: false,
    loadOnlyInlinedPlugins: true,
    plugins: [plugin],
    text: JSON.stringify({ name, cniVersion, ...(cniVersions === undefined ? {} : { cniVersions }), plugins: [raw] }),
  };
}

function checkName(name: string, where: string): void {
  if (isNetworkName(name)) return;
  const fix = `Use 1 to ${NAME_LENGTH_MAX} letters, digits, dots, dashes and underscores`;
  if (name === "") throw invalid(`${where}: name`, "the network's name is missing", fix);
  throw invalid(`${where}: name`, `${JSON.stringify(name.slice(0, 200))} cannot name a network`, fix);
}

/** The plugins of files of their own come behind those of the list. The text then says all of it. */
export function withLoadedPlugins(
  config: NetworkConfig,
  loaded: readonly PluginConfig[],
  where: string,
): NetworkConfig {
  const plugins = [...config.plugins, ...loaded];
  if (plugins.length === 0)
    throw invalid(`${where}: plugins`, "it has no plugins, and there are none in files beside it");
  if (loaded.length === 0) return config;
  const raw = parseObject(config.text, where);
  const text = JSON.stringify({ ...raw, plugins: plugins.map((plugin) => plugin.raw), loadOnlyInlinedPlugins: true });
  return { ...config, plugins, text };
}

/** The same network, spoken in one version only. */
export function withVersion(config: NetworkConfig, version: string): NetworkConfig {
  if (config.versions[0] === version) return config;
  const { cniVersions: _cniVersions, ...raw } = parseObject(config.text, config.name);
  return { ...config, versions: [version], text: JSON.stringify({ ...raw, cniVersion: version }) };
}
