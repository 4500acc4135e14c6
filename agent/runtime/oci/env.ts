// The environment of a container's process: defaults, the image's, the pod's, each over the one before.

import { NodeletError } from "../../base/errors.ts";
import type { KeyValue } from "../../cri/types.gen.ts";
import { checkArgument, refuseControl } from "./text.ts";

const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

export interface EnvironmentInput {
  readonly image: readonly string[];
  readonly config: readonly KeyValue[];
  readonly hostname: string;
  readonly home: string;
  readonly tty: boolean;
}

/** `NAME=value` strings; a name occurs once, at the place of its first mention. */
export function containerEnvironment(input: EnvironmentInput): string[] {
  const env = new Map<string, string>([["PATH", DEFAULT_PATH]]);
  if (input.tty) env.set("TERM", "xterm");
  env.set("HOSTNAME", input.hostname);
  for (const [index, entry] of input.image.entries()) {
    const where = `image.config.Env[${index}]`;
    const equals = entry.indexOf("=");
    // As in Docker, a name without a value takes the variable away.
    if (equals < 0) env.delete(checkName(entry, where));
    else env.set(checkName(entry.slice(0, equals), where), entry.slice(equals + 1));
    checkArgument(entry, where);
  }
  for (const [index, { key = "", value }] of input.config.entries()) {
    const where = `envs[${index}]`;
    const text = checkArgument(`${checkName(key, where)}=${decode(value, where)}`, where);
    env.set(key, text.slice(key.length + 1));
  }
  if (!env.has("HOME")) env.set("HOME", input.home);
  return [...env].map(([name, value]) => `${name}=${value}`);
}

function checkName(name: string, where: string): string {
  refuseControl(name, where);
  if (name === "" || name.includes("=")) {
    throw new NodeletError("invalid", `${JSON.stringify(name.slice(0, 100))} cannot be the name of a variable`, {
      where,
      fix: "use a name that is not empty and has no =",
    });
  }
  return name;
}

function decode(value: Uint8Array | undefined, where: string): string {
  if (value === undefined) return "";
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(value);
  } catch (error) {
    throw new NodeletError("invalid", "the value is not UTF-8", { where, cause: error });
  }
}
