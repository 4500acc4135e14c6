// The configuration out of its sources: the defaults, the file, the drop-ins over it, the flags over all.

import { readdir, readFile } from "node:fs/promises";
import { dirname, extname, join, resolve } from "node:path";

import { NodeletError } from "../../base/errors.ts";
import { formatPath, type FieldPath } from "../../base/field-path.ts";
import { check, isMapping, kindOf, Problems, type Problem } from "../../base/shapes.ts";
import { parseStructured, type TextDocument } from "../../base/structured-text.ts";
import type { KubeletConfiguration } from "./configuration.ts";
import { isUnset, withDefaults } from "./defaults.ts";
import { allFields, configurationShape, mergePatch, setValue, valueAt, type Values } from "./tree.ts";
import { checkGates, validate } from "./validate.ts";

const API_VERSION = "kubelet.config.k8s.io/v1beta1";
const KIND = "KubeletConfiguration";
const DROP_IN = ".conf";

export interface FlagSetting {
  readonly flag: string;
  /** Of the field, dotted. */
  readonly path: string;
  readonly value: unknown;
}

export interface Sources {
  /** Empty: none. */
  readonly file: string;
  /** Directory of drop-ins; empty: none. */
  readonly directory: string;
  readonly flags: readonly FlagSetting[];
}

export interface LoadedConfiguration {
  readonly configuration: KubeletConfiguration;
  /** Dotted paths of the fields that a source names. */
  readonly given: ReadonlySet<string>;
}

/** A document as it was written. */
interface Written {
  readonly path: string;
  readonly document: TextDocument;
  readonly values: Values;
}

/** Throws `invalid`, with file, line and field of all that is wrong. */
export async function loadConfiguration({ file, directory, flags }: Sources): Promise<LoadedConfiguration> {
  const documents: Written[] = [];
  let values: Values = {};
  if (file !== "") {
    const written = await readDocument(file, "Correct --config");
    documents.push(written);
    values = mergePatch({}, written.values) as Values;
  }
  if (directory !== "") {
    const dropIns: Written[] = [];
    for (const path of await dropInFiles(directory)) dropIns.push(await readDocument(path, "Correct --config-dir"));
    // A drop-in is laid over the defaults, as kubelet does it: it adds to evictionHard's.
    if (dropIns.length > 0 && file !== "") values = { ...withDefaults(values) };
    for (const { values: patch } of dropIns) values = mergePatch(values, patch) as Values;
    documents.push(...dropIns);
  }
  for (const { path, value } of flags) {
    const merged =
      path === "featureGates" ? { ...(valueAt(values, path) as object | undefined), ...(value as object) } : value;
    setValue(values, path, merged);
  }

  const problems = new Problems();
  const gates = valueAt(values, "featureGates");
  if (isMapping(gates)) checkGates(gates, problems);
  let configuration: KubeletConfiguration | undefined;
  if (problems.list.length === 0) {
    configuration = withDefaults(values);
    // A flag's 0 is not the file's, which stands for the default.
    for (const { path, value } of flags) if (value === 0) setValue(configuration as unknown as Values, path, value);
    validate(configuration, problems);
  }
  if (configuration === undefined || problems.list.length > 0)
    throw wrong(problems.list.map((problem) => describe(problem, documents, flags)));

  const given = new Set(
    allFields
      .map(([path]) => path)
      .filter(
        (path) =>
          flags.some((setting) => setting.path === path) ||
          documents.some((written) => (valueAt(written.values, path) ?? null) !== null),
      ),
  );
  return { configuration, given };
}

/** Files whose names end in .conf, those of subdirectories too, in the order of their names. */
async function dropInFiles(directory: string): Promise<string[]> {
  const found: string[] = [];
  const walk = async (at: string): Promise<void> => {
    const entries = await readdir(at, { withFileTypes: true });
    const ordered = entries.toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
    for (const entry of ordered) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) await walk(path);
      else if (extname(entry.name) === DROP_IN) found.push(path);
    }
  };
  try {
    await walk(directory);
  } catch (cause) {
    throw new NodeletError("invalid", "Cannot read the drop-ins", {
      where: directory,
      cause,
      fix: "Correct --config-dir",
    });
  }
  return found;
}

async function readDocument(path: string, fix: string): Promise<Written> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new NodeletError("invalid", "Cannot read the configuration", { where: path, cause, fix });
  }
  const { documents, problems: unread } = await parseStructured(text, path);
  if (unread[0] !== undefined) throw unread[0];
  const document = documents[0];
  if (document === undefined || documents.length > 1)
    throw new NodeletError("invalid", `Must have one document: it has ${documents.length}`, { where: path });
  const { value } = document;
  if (!isMapping(value))
    throw new NodeletError("invalid", `Must be a mapping: it is ${kindOf(value)}`, { where: path });
  const { apiVersion, kind, ...values } = value;
  if (kind !== KIND || apiVersion !== API_VERSION) {
    throw new NodeletError("invalid", `Must be a ${KIND}`, {
      where: path,
      fix: `Write apiVersion: ${API_VERSION} and kind: ${KIND}`,
    });
  }
  const written: Written = { path, document, values: structuredClone(values) };
  for (const [field, definition] of allFields) {
    const own = valueAt(written.values, field);
    if (own === undefined) continue;
    if (isUnset(own, definition)) setValue(written.values, field, null);
    else if (definition.path === true && typeof own === "string" && own !== "" && !own.startsWith("/"))
      setValue(written.values, field, resolve(dirname(path), own));
  }
  const problems = new Problems();
  const checked = check(written.values, configurationShape, [], problems);
  if (problems.list.length > 0) throw wrong(problems.list.map((problem) => describe(problem, [written], [])));
  // Checked values have quantities as texts; nulls are kept, which take away what stands before.
  return { ...written, values: mergeNulls(checked as Values, written.values) };
}

/** The checked values, with the nulls that checking leaves out. */
function mergeNulls(checked: Values, written: Values): Values {
  const result: Values = { ...checked };
  for (const [name, value] of Object.entries(written)) {
    if (value === null) result[name] = null;
    else {
      const own = result[name];
      if (isMapping(value) && isMapping(own)) result[name] = mergeNulls(own, value);
    }
  }
  return result;
}

interface Described {
  readonly where: string;
  readonly message: string;
  readonly fix: string | undefined;
}

/** With the file and line that said it last, or the flag. */
function describe(problem: Problem, documents: readonly Written[], flags: readonly FlagSetting[]): Described {
  const { path, message, fix } = problem;
  const field = formatPath(path);
  const flag = flags.findLast((setting) => `${path.join(".")}.`.startsWith(`${setting.path}.`));
  if (flag !== undefined) return { where: `--${flag.flag}`, message, fix };
  const written = documents.findLast((document) => holds(document.document.value, path));
  if (written === undefined) return { where: field, message, fix };
  const place = written.document.locate(path, problem.at);
  return {
    where: `${written.path}${place === undefined ? "" : `:${place.line}:${place.column}`}: ${field}`,
    message,
    fix,
  };
}

function holds(value: unknown, path: FieldPath): boolean {
  let at: unknown = value;
  for (const part of path) {
    if (Array.isArray(at) && typeof part === "number") at = at[part];
    else if (isMapping(at) && Object.hasOwn(at, part)) at = at[part];
    else return false;
  }
  return true;
}

function wrong(described: readonly Described[]): NodeletError {
  const [first, ...more] = described;
  const rest = more.map(({ where, message, fix }) => `\n${where}: ${message}${fix === undefined ? "" : ` (${fix})`}`);
  if (first === undefined) return new NodeletError("internal", "The configuration is wrong");
  if (rest.length === 0) return new NodeletError("invalid", first.message, { where: first.where, fix: first.fix });
  const fix = first.fix === undefined ? "" : ` (${first.fix})`;
  return new NodeletError("invalid", `${first.message}${fix}${rest.join("")}`, { where: first.where });
}
