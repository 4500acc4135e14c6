// The KubeletConfiguration file: the fields that are used now. They stand behind the flags that are given.

import { readFile } from "node:fs/promises";

import { NodeletError } from "../base/errors.ts";
import { formatPath } from "../base/field-path.ts";
import type { FieldPath } from "../base/field-path.ts";
import { isMapping, kindOf, nearest } from "../base/shapes.ts";
import { parseStructured } from "../base/structured-text.ts";
import { KUBELET_FIELDS } from "./kubelet-flags.ts";
import { flagByField, parseValue } from "./options.ts";
import type { AgentOptions } from "./options.ts";

type OptionField = Exclude<keyof AgentOptions, "given">;

/** Field of the file to the option it sets. */
const FIELDS: Readonly<Record<string, OptionField>> = {
  allowedUnsafeSysctls: "allowedUnsafeSysctls",
  clusterDNS: "clusterDns",
  clusterDomain: "clusterDomain",
  containerLogMaxFiles: "containerLogMaxFiles",
  containerLogMaxSize: "containerLogMaxSize",
  containerLogMonitorInterval: "containerLogMonitorIntervalMs",
  containerRuntimeEndpoint: "containerRuntimeEndpoint",
  fileCheckFrequency: "fileCheckFrequencyMs",
  httpCheckFrequency: "httpCheckFrequencyMs",
  podCIDR: "podCidr",
  podLogsDir: "podLogsDir",
  resolvConf: "resolvConf",
  seccompDefault: "seccompDefault",
  staticPodPath: "podManifestPath",
  staticPodURL: "manifestUrl",
};

/** Fields whose defaults are what nodelet does anyway. */
const FIXED: Readonly<Record<string, string>> = {
  cgroupDriver: "cgroupfs",
};

/** The options with what the file named by `config` says. Errors name file, line and field. */
export async function withConfigurationFile(options: AgentOptions): Promise<AgentOptions> {
  const path = options.config;
  if (path === "") return options;
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new NodeletError("invalid", "Cannot read the configuration", { where: path, cause, fix: "Correct --config" });
  }
  const { documents, problems } = await parseStructured(text, path);
  if (problems[0] !== undefined) throw problems[0];
  const document = documents[0];
  if (document === undefined || documents.length > 1) {
    throw new NodeletError("invalid", `Must have one document: it has ${documents.length}`, { where: path });
  }
  const fail = (at: FieldPath, message: string, fix?: string): never => {
    const place = document.locate(at, "key");
    const field = formatPath(at);
    const where = `${path}${place === undefined ? "" : `:${place.line}:${place.column}`}${field === "" ? "" : `: ${field}`}`;
    throw new NodeletError("invalid", message, { where, fix });
  };
  const value = document.value;
  if (!isMapping(value)) return fail([], `Must be a mapping: it is ${kindOf(value)}`);
  if (value["kind"] !== "KubeletConfiguration" || value["apiVersion"] !== "kubelet.config.k8s.io/v1beta1") {
    return fail(
      [],
      "Must be a KubeletConfiguration",
      "Write apiVersion: kubelet.config.k8s.io/v1beta1 and kind: KubeletConfiguration",
    );
  }

  const changes: Partial<Record<OptionField, unknown>> = {};
  const set = (at: FieldPath, field: OptionField, item: unknown): void => {
    if (options.given.has(field)) return;
    const flag = flagByField(field);
    if (flag === undefined) return;
    const isList = flag.kind === "list" || flag.kind === "paths";
    let written: string;
    if (isList && Array.isArray(item) && item.every((entry) => typeof entry === "string")) written = item.join(",");
    else if (flag.kind === "switch" && typeof item === "boolean") written = String(item);
    else if (!isList && flag.kind !== "switch" && typeof item === "string") written = item;
    else
      return fail(
        at,
        `Must be ${isList ? "a list of strings" : flag.kind === "switch" ? "true or false" : "a string"}: it is ${kindOf(item)}`,
      );
    if (/^(file|http)CheckFrequencyMs$/.test(field) && written === "0s") return; // the default, in the API's words
    const place = document.locate(at, "value");
    const position = place === undefined ? "" : `:${place.line}:${place.column}`;
    changes[field] = parseValue(written, flag, `${path}${position}: ${formatPath(at)}`, written !== "");
  };
  for (const [name, item] of Object.entries(value)) {
    if (name === "kind" || name === "apiVersion" || item === null) continue;
    const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
    if (field !== undefined) {
      set([name], field, item);
    } else if (name === "crashLoopBackOff" && isMapping(item)) {
      for (const [key, period] of Object.entries(item)) {
        if (key === "maxContainerRestartPeriod") set([name, key], "maxContainerRestartPeriodMs", period);
        else fail([name, key], `Unknown field "${key}"`, "Did you mean maxContainerRestartPeriod?");
      }
    } else if (name === "staticPodURLHeader" && isMapping(item)) {
      const headers: unknown[] = [];
      for (const [key, values] of Object.entries(item)) {
        if (!Array.isArray(values)) fail([name, key], "Must be a list of strings", 'Begin each entry with "- "');
        else headers.push(...values.map((value) => `${key}:${String(value)}`));
      }
      set([name], "manifestUrlHeader", headers);
    } else if (FIXED[name] !== undefined && FIXED[name] === item) {
      continue;
    } else if (KUBELET_FIELDS.has(name)) {
      fail([name], "This field is not supported yet", "Remove it");
    } else {
      const near = nearest(name, [...KUBELET_FIELDS]);
      fail([name], `Unknown field "${name}"`, near === undefined ? "Remove it" : `Did you mean ${near}?`);
    }
  }
  return { ...options, ...(changes as Partial<AgentOptions>) };
}
