// The flags of `nodelet agent` and `nodelet cri`: one table, from which they are parsed, checked and explained. Those that set fields of
// KubeletConfiguration are in the table of these, kubelet/fields.ts.

import { isIP } from "node:net";
import { hostname } from "node:os";
import { join, resolve } from "node:path";

import { NodeletError } from "../base/errors.ts";
import { nearest } from "../base/shapes.ts";
import { isApparmorProfile } from "../system/lsm.ts";
import type { KubeletConfiguration } from "./kubelet/configuration.ts";
import { fieldFlag, fieldFlagNames, parseFieldFlag, type FieldFlag } from "./kubelet/flags.ts";
import { loadConfiguration, type FlagSetting } from "./kubelet/load.ts";
import { allFields } from "./kubelet/tree.ts";
import { flagWithoutEffect } from "./kubelet-flags.ts";

/** What the flags say that no field of KubeletConfiguration is for. Paths are absolute. */
export interface OwnOptions {
  /** KubeletConfiguration file; its values stand behind the flags that are given. */
  readonly config: string;
  /** Directory of drop-ins for it. */
  readonly configDir: string;
  readonly kubeconfig: string;
  /** Shown to the API server to get a certificate, while `kubeconfig` is not there. */
  readonly bootstrapKubeconfig: string;
  /** Certificates of the server and of the client of the API server. */
  readonly certDir: string;
  readonly rootDir: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly criSocket: string;
  readonly nodeName: string;
  readonly nodeIp: string;
  /** `name=value` each. */
  readonly nodeLabels: readonly string[];
  readonly imageCredentialProviderConfig: string;
  readonly imageCredentialProviderBinDir: string;
  readonly network: "auto" | "builtin" | "cni";
  readonly bridgeName: string;
  readonly podCidr: string;
  readonly cniConfDir: string;
  readonly cniBinDir: readonly string[];
  readonly cniCacheDir: string;
  readonly registryConfigPath: readonly string[];
  readonly runtimeHandlers: readonly string[];
  readonly containerLogsDir: string;
  readonly seccompProfileRoot: string;
  readonly apparmorDefaultProfile: string;
  readonly allowMissingCgroupControllers: boolean;
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error";
  readonly logFormat: "auto" | "json" | "pretty";
}

/** Settings of the whole daemon. */
export interface AgentOptions extends OwnOptions {
  readonly kubelet: KubeletConfiguration;
  /** Dotted paths of the fields of `kubelet` that a file or a flag names. */
  readonly givenFields: ReadonlySet<string>;
  /** Flags that were taken and set nothing. */
  readonly flagsWithoutEffect: readonly string[];
}

/** The command line as it was read, before any file is. */
export interface ParsedFlags {
  readonly options: OwnOptions;
  /** Fields of `options` that were given. */
  readonly given: ReadonlySet<string>;
  readonly settings: readonly FlagSetting[];
  readonly withoutEffect: readonly string[];
}

type Kind = "text" | "path" | "paths" | "list" | "switch" | "choice";

interface Flag {
  readonly field: keyof OwnOptions;
  readonly kind: Kind;
  /** A text in the form that the user would write; a function of what was parsed before it. */
  readonly fallback: string | ((parsed: ReadonlyMap<string, unknown>) => string);
  readonly fallbackHelp?: string;
  readonly value?: string;
  readonly choices?: readonly string[];
  readonly help: string;
  /** Also a flag of `nodelet cri`. */
  readonly cri?: boolean;
  readonly check?: (text: string) => string | undefined;
}

const text = (value: unknown): string => (typeof value === "string" ? value : "");
const under =
  (field: keyof OwnOptions, name: string) =>
  (parsed: ReadonlyMap<string, unknown>): string =>
    join(text(parsed.get(field)), name);

/** A unix socket's path has at most 107 bytes. */
const SOCKET_PATH_MAX = 107;
/** The longest name that is made under the run directory for a socket of a shim: `shims/` + 64 digits + `/control.sock`. */
const SOCKET_NAME_ROOM = 40;

/** A subnet for pods of each family: IPv4 first, then IPv6 or none. */
function isPodCidr(value: string): boolean {
  const [ipv4 = "", ipv6, ...more] = value.split(",");
  if (more.length > 0 || !/^[\d.]+\/([89]|1\d|2\d|30)$/.test(ipv4) || isIP(ipv4.split("/")[0] ?? "") !== 4)
    return false;
  if (ipv6 === undefined) return true;
  return /^[^/]+\/([1-9]\d?|1[01]\d)$/.test(ipv6) && isIP(ipv6.split("/")[0] ?? "") === 6;
}

/** `handler` of a RuntimeClass: a DNS label. */
const HANDLER = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const ownFlags: Readonly<Record<string, Flag>> = {
  config: {
    field: "config",
    kind: "path",
    fallback: "",
    value: "FILE",
    help: "KubeletConfiguration, kubelet.config.k8s.io/v1beta1",
  },
  kubeconfig: {
    field: "kubeconfig",
    kind: "path",
    fallback: "",
    value: "FILE",
    help: "how to reach the API server; without it pods come from manifests",
  },
  "config-dir": {
    field: "configDir",
    kind: "path",
    fallback: "",
    value: "DIR",
    help: "files *.conf of the same kind, laid over --config in the order of their names",
  },
  "bootstrap-kubeconfig": {
    field: "bootstrapKubeconfig",
    kind: "path",
    fallback: "",
    value: "FILE",
    help: "how to reach the API server for a certificate, while the file of --kubeconfig is not there",
  },
  "root-dir": {
    field: "rootDir",
    kind: "path",
    fallback: "/var/lib/kubelet",
    value: "DIR",
    help: "volumes and other files of pods, in kubelet's layout",
    cri: true,
  },
  "cert-dir": {
    field: "certDir",
    kind: "path",
    fallback: under("rootDir", "pki"),
    fallbackHelp: "ROOT_DIR/pki",
    value: "DIR",
    help: "certificates of the server and for the API server",
  },
  "state-dir": {
    field: "stateDir",
    kind: "path",
    fallback: "/var/lib/nodelet",
    value: "DIR",
    help: "images, layers and records of the built-in runtime",
    cri: true,
  },
  "run-dir": {
    field: "runDir",
    kind: "path",
    fallback: "/run/nodelet",
    value: "DIR",
    help: "sockets and what a reboot clears",
    cri: true,
    check: (value) =>
      Buffer.byteLength(value) + SOCKET_NAME_ROOM <= SOCKET_PATH_MAX
        ? undefined
        : `must have at most ${SOCKET_PATH_MAX - SOCKET_NAME_ROOM} bytes, as paths of sockets are limited`,
  },
  "cri-socket": {
    field: "criSocket",
    kind: "path",
    fallback: under("runDir", "cri.sock"),
    fallbackHelp: "RUN_DIR/cri.sock",
    value: "FILE",
    help: "where the built-in runtime serves the CRI",
    cri: true,
    check: (value) =>
      Buffer.byteLength(value) <= SOCKET_PATH_MAX ? undefined : `must have at most ${SOCKET_PATH_MAX} bytes`,
  },
  "hostname-override": {
    field: "nodeName",
    kind: "text",
    fallback: () => hostname().toLowerCase(),
    fallbackHelp: "the host's name",
    value: "NAME",
    help: "name of the node",
    check: (value) =>
      value.length <= 253 && DNS_NAME.test(value) ? undefined : "must be lower-case letters, digits, '-' and '.'",
  },
  "node-ip": {
    field: "nodeIp",
    kind: "text",
    fallback: "",
    fallbackHelp: "that of the default route",
    value: "IP",
    help: "address of the node",
    check: (value) => (value === "" || isIP(value) !== 0 ? undefined : "must be an IP address"),
  },
  "node-labels": {
    field: "nodeLabels",
    kind: "list",
    fallback: "",
    value: "NAME=VALUE,...",
    help: "labels that the node is registered with",
    check: (value) =>
      value.split(",").every((label) => label === "" || /^[^=\s]+=[^=\s]*$/.test(label))
        ? undefined
        : "must be NAME=VALUE with ',' between",
  },
  "image-credential-provider-config": {
    field: "imageCredentialProviderConfig",
    kind: "path",
    fallback: "",
    value: "FILE",
    help: "programs that give credentials of registries",
  },
  "image-credential-provider-bin-dir": {
    field: "imageCredentialProviderBinDir",
    kind: "path",
    fallback: "",
    value: "DIR",
    help: "where these programs are",
  },
  network: {
    field: "network",
    kind: "choice",
    choices: ["auto", "builtin", "cni"],
    fallback: "auto",
    help: "who connects pods; auto: CNI plugins where there is a configuration, else the built-in network",
    cri: true,
  },
  "bridge-name": {
    field: "bridgeName",
    kind: "text",
    fallback: "nodelet0",
    value: "NAME",
    help: "bridge of the built-in network",
    cri: true,
    check: (value) =>
      /^[A-Za-z][\w.-]{0,14}$/.test(value) ? undefined : "must be at most 15 letters, digits, '-', '_' and '.'",
  },
  "pod-cidr": {
    field: "podCidr",
    kind: "text",
    fallback: "10.213.0.0/16,fd6e:6f64:ad5::/64",
    value: "CIDR[,CIDR]",
    help: "addresses of the built-in network: of IPv4, and of IPv6 if pods are to have such too",
    cri: true,
    check: (value) =>
      isPodCidr(value)
        ? undefined
        : "must be an IPv4 network such as 10.213.0.0/16, or one and an IPv6 network: 10.213.0.0/16,fd00:1::/64",
  },
  "cni-conf-dir": {
    field: "cniConfDir",
    kind: "path",
    fallback: "/etc/cni/net.d",
    value: "DIR",
    help: "CNI configurations",
    cri: true,
  },
  "cni-bin-dir": {
    field: "cniBinDir",
    kind: "paths",
    fallback: "/opt/cni/bin,/usr/lib/cni",
    value: "DIR,...",
    help: "CNI plugins",
    cri: true,
  },
  "cni-cache-dir": {
    field: "cniCacheDir",
    kind: "path",
    fallback: "/var/lib/cni",
    value: "DIR",
    help: "results of CNI plugins",
    cri: true,
  },
  "registry-config-path": {
    field: "registryConfigPath",
    kind: "paths",
    fallback: "/etc/nodelet/certs.d,/etc/containerd/certs.d",
    value: "DIR,...",
    help: "hosts.toml files of registries",
    cri: true,
  },
  "runtime-handlers": {
    field: "runtimeHandlers",
    kind: "list",
    fallback: "",
    value: "NAME,...",
    help: "further names by which RuntimeClasses ask for the built-in runtime, besides nodelet",
    cri: true,
    check: (value) =>
      value.split(",").every((name) => name === "" || HANDLER.test(name))
        ? undefined
        : "must be lower-case letters, digits and '-' with ',' between",
  },
  "container-logs-dir": {
    field: "containerLogsDir",
    kind: "path",
    fallback: "/var/log/containers",
    value: "DIR",
    help: "links to logs, for log collectors",
  },
  "seccomp-profile-root": {
    field: "seccompProfileRoot",
    kind: "path",
    fallback: under("rootDir", "seccomp"),
    fallbackHelp: "ROOT_DIR/seccomp",
    value: "DIR",
    help: "seccomp profiles of type Localhost",
    cri: true,
  },
  "apparmor-default-profile": {
    field: "apparmorDefaultProfile",
    kind: "text",
    fallback: "",
    value: "NAME",
    help: "a loaded AppArmor profile, that of RuntimeDefault and of containers that name none; without it RuntimeDefault is refused",
    cri: true,
    check: (value) =>
      value === "" || isApparmorProfile(value) ? undefined : "must be the name of a profile, without blanks",
  },
  "allow-missing-cgroup-controllers": {
    field: "allowMissingCgroupControllers",
    kind: "switch",
    fallback: "false",
    help: "run without limits where the host has no controllers, for development",
    cri: true,
  },
  "log-level": {
    field: "logLevel",
    kind: "choice",
    choices: ["trace", "debug", "info", "warn", "error"],
    fallback: "info",
    help: "least important lines that are written",
    cri: true,
  },
  "log-format": {
    field: "logFormat",
    kind: "choice",
    choices: ["auto", "json", "pretty"],
    fallback: "auto",
    fallbackHelp: "pretty on a terminal, else json",
    help: "form of the log",
    cri: true,
  },
};

/** Lines of kubelet's -v as levels of the log. */
export function levelOfVerbosity(verbosity: number): OwnOptions["logLevel"] {
  return verbosity >= 6 ? "trace" : verbosity >= 4 ? "debug" : "info";
}

export type Program = "agent" | "cri";

/** Throws `invalid` naming the flag, what is wrong and what to write. `--help` is the caller's. */
export function parseFlags(argv: readonly string[], program: Program = "agent"): ParsedFlags {
  const written = new Map<string, string>();
  const settings = new Map<string, FlagSetting>();
  const withoutEffect = new Set<string>();
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(argument);
    if (match === null || argument === "--") {
      throw new NodeletError("invalid", `Unexpected argument ${JSON.stringify(argument)}`, {
        fix: `See: nodelet ${program} --help`,
      });
    }
    const name = (match[1] ?? "").replaceAll("_", "-");
    let value = match[2];
    const flag = flagOf(name, program);
    if (value === undefined) {
      const next = argv[index + 1];
      if (flag.isSwitch) {
        value = "true";
      } else if (next === undefined || next.startsWith("--")) {
        throw new NodeletError("invalid", "A value is missing", {
          where: `--${name}`,
          fix: `Write --${name}=${flag.own?.value ?? "VALUE"}`,
        });
      } else {
        value = next;
        index++;
      }
    }
    if (name === "v" && !/^\d{1,3}$/.test(value))
      throw new NodeletError("invalid", "Must be a number", { where: "-v", fix: "Write -v=4, or --log-level" });
    if (name === "v" && !written.has("log-level")) written.set("log-level", levelOfVerbosity(Number(value)));
    if (flag.own !== undefined) {
      const before = flag.own.kind === "list" ? written.get(name) : undefined;
      written.set(name, before === undefined ? value : `${before},${value}`);
    }
    if (flag.of !== undefined && program === "agent") {
      const { path, field } = flag.of;
      const said = parseFieldFlag(name, flag.of, value, settings.get(path)?.value);
      const whole = field.path === true && typeof said === "string" && said !== "" ? resolve(said) : said;
      settings.set(path, { flag: name, path, value: whole });
    }
    if (flag.own === undefined && flag.of === undefined) withoutEffect.add(name);
  }
  return { ...complete(written), settings: [...settings.values()], withoutEffect: [...withoutEffect] };
}

/** Reads the files that the flags name. Throws `invalid` with file, line and field. */
export async function readOptions(flags: ParsedFlags): Promise<AgentOptions> {
  const { options, given, settings } = flags;
  const { configuration, given: givenFields } = await loadConfiguration({
    file: options.config,
    directory: options.configDir,
    flags: settings,
  });
  const { podCIDR = "", logging } = configuration;
  const changes: Partial<{ -readonly [Name in keyof OwnOptions]: OwnOptions[Name] }> = {};
  const podCidr = ownFlags["pod-cidr"];
  if (podCIDR !== "" && !given.has("podCidr") && podCidr !== undefined)
    changes.podCidr = String(parseValue(podCIDR, podCidr, `${options.config}: podCIDR`, true));
  if (!given.has("logLevel") && givenFields.has("logging.verbosity"))
    changes.logLevel = levelOfVerbosity(logging.verbosity);
  if (!given.has("logFormat") && givenFields.has("logging.format"))
    changes.logFormat = logging.format === "json" ? "json" : "pretty";
  return { ...options, ...changes, kubelet: configuration, givenFields, flagsWithoutEffect: flags.withoutEffect };
}

/** Values for flags by name: what is absent becomes its default. */
function complete(written: ReadonlyMap<string, string>): Pick<ParsedFlags, "options" | "given"> {
  const parsed = new Map<string, unknown>();
  const given = new Set<string>();
  for (const [name, flag] of Object.entries(ownFlags)) {
    const own = written.get(name);
    if (own !== undefined) given.add(flag.field);
    const fallback = typeof flag.fallback === "function" ? flag.fallback(parsed) : flag.fallback;
    parsed.set(flag.field, parseValue(own ?? fallback, flag, `--${name}`, own !== undefined));
  }
  return { options: Object.fromEntries(parsed) as unknown as OwnOptions, given };
}

function parseValue(value: string, flag: Flag, where: string, written: boolean): unknown {
  const fail = (message: string, fix?: string): never => {
    throw new NodeletError("invalid", `${message}: it is ${JSON.stringify(value)}`, { where, fix });
  };
  const wrong = flag.kind === "path" || value.includes("\0") ? undefined : flag.check?.(value);
  if (value.includes("\0")) fail("Must not have a NUL character");
  if (wrong !== undefined) fail(wrong.charAt(0).toUpperCase() + wrong.slice(1));
  switch (flag.kind) {
    case "text":
      return value;
    case "choice": {
      const choices = flag.choices ?? [];
      const near = nearest(value, choices);
      if (!choices.includes(value))
        fail(`Must be one of ${choices.join(", ")}`, near === undefined ? undefined : `Did you mean ${near}?`);
      return value;
    }
    case "path": {
      if (value === "" && !written) return "";
      if (!value.startsWith("/"))
        fail("Must be an absolute path", value === "" ? "Write a path" : `Write ${resolve(value)}`);
      const path = resolve(value);
      const tooLong = flag.check?.(path);
      if (tooLong !== undefined) fail(tooLong.charAt(0).toUpperCase() + tooLong.slice(1), "Choose a shorter path");
      return path;
    }
    case "paths": {
      const paths = value.split(",").filter((item) => item !== "");
      const relative = paths.find((item) => !item.startsWith("/"));
      if (relative !== undefined) fail(`Must be absolute paths with ',' between; ${relative} is not one`);
      return paths.map((item) => resolve(item));
    }
    case "list":
      return value.split(",").filter((item) => item !== "");
    case "switch":
      if (value !== "true" && value !== "false") fail("Must be true or false");
      return value === "true";
  }
}

interface Known {
  readonly isSwitch: boolean;
  readonly own?: Flag;
  /** The field of KubeletConfiguration that it sets. */
  readonly of?: FieldFlag;
}

/** Both an own flag and a field's, or one of them; neither: taken without effect. */
function flagOf(name: string, program: Program): Known {
  const own = Object.hasOwn(ownFlags, name) ? ownFlags[name] : undefined;
  const of = fieldFlag(name);
  const where = `--${name}`;
  const forCri = own?.cri === true || name === "v";
  if (program === "cri" && !forCri && (own !== undefined || of !== undefined)) {
    throw new NodeletError("invalid", "This flag is not one of `nodelet cri`", {
      where,
      fix: "It belongs to `nodelet agent`",
    });
  }
  if (own !== undefined) return { isSwitch: own.kind === "switch", own, ...(of === undefined ? {} : { of }) };
  if (of !== undefined) return { isSwitch: of.isSwitch, of };
  const ignored = program === "agent" ? flagWithoutEffect(name) : undefined;
  if (ignored !== undefined) return ignored;
  const near = nearest(name, [...Object.keys(ownFlags), ...(program === "agent" ? fieldFlagNames : [])]);
  const fix = near === undefined ? `See: nodelet ${program} --help` : `Did you mean --${near}?`;
  throw new NodeletError("invalid", "There is no such flag", { where, fix });
}

/** The text of --help. */
export function agentHelp(program: Program = "agent"): string {
  const intro =
    program === "agent"
      ? [
          "Usage: nodelet agent [flags]",
          "",
          "Runs pods on this node until it is ended; the pods run on without it. `nodelet stop --all` ends both.",
        ]
      : ["Usage: nodelet cri [flags]", "", "Serves the Kubernetes CRI alone, for crictl or a kubelet."];
  const lines = [...intro, "", "Flags:"];
  for (const [name, flag] of Object.entries(ownFlags)) {
    if (program === "cri" && flag.cri !== true) continue;
    const value = flag.kind === "switch" ? "" : ` ${flag.choices?.join("|") ?? flag.value ?? "VALUE"}`;
    const fallback = flag.fallbackHelp ?? (typeof flag.fallback === "string" ? flag.fallback : "");
    const note = fallback === "" || flag.kind === "switch" ? "" : ` [${fallback}]`;
    lines.push(`  --${name}${value}`, `        ${flag.help}${note}`);
  }
  lines.push(
    "  -v NUMBER",
    "        as kubelet has it: 4 is --log-level debug, 6 is trace",
    "  --help",
    "        this text",
    "",
  );
  if (program === "agent") lines.push(...fieldHelp());
  return lines.join("\n");
}

/** The flags that set fields of KubeletConfiguration. */
function fieldHelp(): string[] {
  const lines = [
    "Flags that set fields of KubeletConfiguration, and go before the files (docs/kubelet-configuration.md):",
  ];
  for (const [path, field] of allFields) {
    const { flag, shape } = field;
    if (flag === undefined || flag === "v" || Object.hasOwn(ownFlags, flag)) continue;
    const fallback =
      typeof field.default === "string" || typeof field.default === "number" ? ` [${field.default}]` : "";
    const note = field.without === undefined ? "" : "; without effect yet";
    lines.push(
      `  --${flag}${shape.type === "bool" ? "" : " VALUE"}`,
      `        ${path}: ${field.help}${note}${fallback}`,
    );
  }
  lines.push("");
  return lines;
}
