// The flags of `nodelet agent` and `nodelet cri`: one table, from which they are parsed, checked and explained.

import { isIP } from "node:net";
import { hostname } from "node:os";
import { join, resolve } from "node:path";

import { NodeletError } from "../base/errors.ts";
import { quantityValue } from "../base/quantity.ts";
import { nearest } from "../base/shapes.ts";
import { KUBELET_FLAGS } from "./kubelet-flags.ts";

/** Settings of the whole daemon. Paths are absolute. */
export interface AgentOptions {
  /** KubeletConfiguration file; its values stand behind the flags that are given. */
  readonly config: string;
  readonly kubeconfig: string;
  /** Directory or file; empty: none. */
  readonly podManifestPath: string;
  readonly fileCheckFrequencyMs: number;
  /** Empty: none. */
  readonly manifestUrl: string;
  /** `name:value` each. */
  readonly manifestUrlHeader: readonly string[];
  readonly httpCheckFrequencyMs: number;
  /** Empty: the built-in runtime. */
  readonly containerRuntimeEndpoint: string;
  readonly rootDir: string;
  readonly stateDir: string;
  readonly runDir: string;
  readonly criSocket: string;
  readonly nodeName: string;
  readonly nodeIp: string;
  readonly network: "auto" | "builtin" | "cni";
  readonly bridgeName: string;
  readonly podCidr: string;
  readonly cniConfDir: string;
  readonly cniBinDir: readonly string[];
  readonly cniCacheDir: string;
  readonly registryConfigPath: readonly string[];
  readonly podLogsDir: string;
  readonly containerLogsDir: string;
  /** Empty: found out. */
  readonly resolvConf: string;
  readonly clusterDns: readonly string[];
  readonly clusterDomain: string;
  readonly seccompDefault: boolean;
  readonly seccompProfileRoot: string;
  readonly allowedUnsafeSysctls: readonly string[];
  readonly maxContainerRestartPeriodMs: number;
  /** A quantity of bytes. */
  readonly containerLogMaxSize: string;
  readonly containerLogMaxFiles: number;
  readonly containerLogMonitorIntervalMs: number;
  readonly allowMissingCgroupControllers: boolean;
  readonly logLevel: "trace" | "debug" | "info" | "warn" | "error";
  readonly logFormat: "auto" | "json" | "pretty";
  /** Fields that were given as flags, so that the file does not change them. */
  readonly given: ReadonlySet<string>;
}

type Kind = "text" | "path" | "paths" | "list" | "switch" | "duration" | "count" | "choice";

interface Flag {
  readonly field: Exclude<keyof AgentOptions, "given">;
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
  (field: keyof AgentOptions, name: string) =>
  (parsed: ReadonlyMap<string, unknown>): string =>
    join(text(parsed.get(field)), name);

/** A unix socket's path has at most 107 bytes. */
const SOCKET_PATH_MAX = 107;
/** The longest name that is made under the run directory for a socket of a shim: `shims/` + 64 digits + `/control.sock`. */
const SOCKET_NAME_ROOM = 40;

const DNS_NAME = /^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/;

const flags: Readonly<Record<string, Flag>> = {
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
  "pod-manifest-path": {
    field: "podManifestPath",
    kind: "path",
    fallback: "",
    value: "DIR",
    help: "directory of pod manifests, or one file; followed for changes",
  },
  "file-check-frequency": {
    field: "fileCheckFrequencyMs",
    kind: "duration",
    fallback: "20s",
    help: "how often manifests are looked over besides being watched",
  },
  "manifest-url": {
    field: "manifestUrl",
    kind: "text",
    fallback: "",
    value: "URL",
    help: "address of pod manifests; read at intervals",
    check: (value) =>
      value === "" || (URL.canParse(value) && /^https?:/.test(value)) ? undefined : "must be an http or https address",
  },
  "manifest-url-header": {
    field: "manifestUrlHeader",
    kind: "list",
    fallback: "",
    value: "NAME:VALUE,...",
    help: "headers of the requests for --manifest-url; may be given several times",
    check: (value) =>
      value.split(",").every((header) => header === "" || /^[!#$%&'*+.^_`|~\w-]+:[\t\x20-\x7e]*$/.test(header))
        ? undefined
        : "must be NAME:VALUE with ',' between",
  },
  "http-check-frequency": {
    field: "httpCheckFrequencyMs",
    kind: "duration",
    fallback: "20s",
    help: "how often --manifest-url is read",
  },
  "container-runtime-endpoint": {
    field: "containerRuntimeEndpoint",
    kind: "text",
    fallback: "",
    value: "URL",
    fallbackHelp: "the built-in runtime",
    help: "another CRI v1 runtime: unix:///path/to/socket",
    check: (value) =>
      value === "" || /^(unix:\/\/)?\//.test(value) ? undefined : "must be unix:// and an absolute path",
  },
  "root-dir": {
    field: "rootDir",
    kind: "path",
    fallback: "/var/lib/kubelet",
    value: "DIR",
    help: "volumes and other files of pods, in kubelet's layout",
    cri: true,
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
    fallback: "10.213.0.0/16",
    value: "CIDR",
    help: "addresses of the built-in network",
    cri: true,
    check: (value) =>
      /^[\d.]+\/([89]|1\d|2\d|30)$/.test(value) && isIP(value.split("/")[0] ?? "") === 4
        ? undefined
        : "must be an IPv4 network such as 10.213.0.0/16",
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
  "pod-logs-dir": {
    field: "podLogsDir",
    kind: "path",
    fallback: "/var/log/pods",
    value: "DIR",
    help: "logs of containers",
  },
  "container-logs-dir": {
    field: "containerLogsDir",
    kind: "path",
    fallback: "/var/log/containers",
    value: "DIR",
    help: "links to logs, for log collectors",
  },
  "resolv-conf": {
    field: "resolvConf",
    kind: "path",
    fallback: "",
    fallbackHelp: "the host's",
    value: "FILE",
    help: "resolver configuration that pods start from",
  },
  "cluster-dns": {
    field: "clusterDns",
    kind: "list",
    fallback: "",
    value: "IP,...",
    help: "name servers of the cluster, for dnsPolicy ClusterFirst",
    check: (value) =>
      value.split(",").every((ip) => ip === "" || isIP(ip) !== 0) ? undefined : "must be IP addresses with ',' between",
  },
  "cluster-domain": {
    field: "clusterDomain",
    kind: "text",
    fallback: "",
    value: "DOMAIN",
    help: "DNS domain of the cluster",
  },
  "seccomp-default": {
    field: "seccompDefault",
    kind: "switch",
    fallback: "false",
    help: "pods without a seccomp profile get RuntimeDefault",
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
  "allowed-unsafe-sysctls": {
    field: "allowedUnsafeSysctls",
    kind: "list",
    fallback: "",
    value: "NAME,...",
    help: "sysctls that pods may set beside the safe ones; a last '*' stands for any rest",
  },
  "max-container-restart-period": {
    field: "maxContainerRestartPeriodMs",
    kind: "duration",
    fallback: "300s",
    help: "longest wait before a failed container is started again",
  },
  "container-log-max-size": {
    field: "containerLogMaxSize",
    kind: "text",
    fallback: "10Mi",
    value: "QUANTITY",
    help: "a container's log is rotated when it is longer",
    check: (value) =>
      (quantityValue(value) ?? 0n) > 0n ? undefined : "must be a quantity of bytes above 0, such as 10Mi",
  },
  "container-log-max-files": {
    field: "containerLogMaxFiles",
    kind: "count",
    fallback: "5",
    help: "so many log files of a container are kept, the current one included; at least 2",
    check: (value) => (Number(value) >= 2 ? undefined : "must be at least 2"),
  },
  "container-log-monitor-interval": {
    field: "containerLogMonitorIntervalMs",
    kind: "duration",
    fallback: "10s",
    help: "how often the size of logs is looked at",
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
function levelOfVerbosity(verbosity: number): string {
  return verbosity >= 6 ? "trace" : verbosity >= 4 ? "debug" : "info";
}

export type Program = "agent" | "cri";

/** Throws `invalid` naming the flag, what is wrong and what to write. `--help` is the caller's. */
export function parseAgentOptions(argv: readonly string[], program: Program = "agent"): AgentOptions {
  const written = new Map<string, string>();
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index] ?? "";
    const match = /^--?([^=]+)(?:=(.*))?$/s.exec(argument);
    if (match === null || argument === "--") {
      throw new NodeletError("invalid", `Unexpected argument ${JSON.stringify(argument)}`, {
        fix: `See: nodelet ${program} --help`,
      });
    }
    const name = match[1] ?? "";
    let value = match[2];
    const flag = name === "v" ? undefined : flagOf(name, program);
    if (value === undefined) {
      const next = argv[index + 1];
      if (flag?.kind === "switch") {
        value = "true";
      } else if (next === undefined || (next.startsWith("--") && flag !== undefined)) {
        throw new NodeletError("invalid", "A value is missing", {
          where: `--${name}`,
          fix: `Write --${name}=${flag?.value ?? "VALUE"}`,
        });
      } else {
        value = next;
        index++;
      }
    }
    if (flag === undefined) {
      if (!/^\d{1,3}$/.test(value))
        throw new NodeletError("invalid", "Must be a number", { where: "-v", fix: "Write -v=4, or --log-level" });
      if (!written.has("log-level")) written.set("log-level", levelOfVerbosity(Number(value)));
    } else {
      const before = flag.kind === "list" ? written.get(name) : undefined;
      written.set(name, before === undefined ? value : `${before},${value}`);
    }
  }
  return complete(written);
}

/** Values for flags by name: what is absent becomes its default. */
function complete(written: ReadonlyMap<string, string>): AgentOptions {
  const parsed = new Map<string, unknown>();
  const given = new Set<string>();
  for (const [name, flag] of Object.entries(flags)) {
    const own = written.get(name);
    if (own !== undefined) given.add(flag.field);
    const fallback = typeof flag.fallback === "function" ? flag.fallback(parsed) : flag.fallback;
    parsed.set(flag.field, parseValue(own ?? fallback, flag, `--${name}`, own !== undefined));
  }
  parsed.set("given", given);
  return Object.fromEntries(parsed) as unknown as AgentOptions;
}

/** The flag's field parsed from a text, as it is also written in a file. */
export function parseValue(value: string, flag: Flag, where: string, written: boolean): unknown {
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
    case "count":
      if (!/^\d{1,9}$/.test(value)) fail("Must be a whole number");
      return Number(value);
    case "duration": {
      const milliseconds = parseDuration(value);
      if (milliseconds === undefined || milliseconds <= 0) return fail("Must be a time such as 20s or 1m30s");
      return milliseconds;
    }
  }
}

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 };

/** Go's form: 300ms, 1m30s. */
export function parseDuration(text: string): number | undefined {
  if (!/^(\d+(\.\d+)?(ms|s|m|h))+$/.test(text)) return undefined;
  let total = 0;
  for (const [, amount = "", unit = ""] of text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g))
    total += Number(amount) * (UNITS[unit] ?? 0);
  return total;
}

function flagOf(name: string, program: Program): Flag {
  const flag = Object.hasOwn(flags, name) ? flags[name] : undefined;
  const where = `--${name}`;
  if (flag !== undefined) {
    if (program === "agent" || flag.cri === true) return flag;
    throw new NodeletError("invalid", "This flag is not one of `nodelet cri`", {
      where,
      fix: "It belongs to `nodelet agent`",
    });
  }
  if (KUBELET_FLAGS.has(name)) {
    throw new NodeletError("unsupported", "This flag of kubelet is not supported yet", { where, fix: "Leave it out" });
  }
  const near = nearest(name, Object.keys(flags));
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
  for (const [name, flag] of Object.entries(flags)) {
    if (program === "cri" && flag.cri !== true) continue;
    const value =
      flag.kind === "switch"
        ? ""
        : ` ${flag.choices?.join("|") ?? flag.value ?? (flag.kind === "duration" ? "TIME" : "VALUE")}`;
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
  return lines.join("\n");
}

/** The flag that a field of the configuration file stands for. */
export function flagByField(field: string): Flag | undefined {
  return Object.values(flags).find((flag) => flag.field === field);
}
