// Attacks by what images and pods say about themselves: users, variables, names, labels, sysctls, profiles.

import { chmodSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { describeError, isNodeletError } from "../../../../agent/base/errors.ts";
import {
  type ContainerConfig,
  NamespaceMode,
  type PodSandboxConfig,
  type UserNamespace,
} from "../../../../agent/cri/runtime.ts";
import type { ImageProcess } from "../../../../scripts/lib/oci-layout.ts";
import { containerConfig, sandboxConfig, untilExited } from "../../../fixtures/runtime.ts";
import type { Attack } from "../attack.ts";
import type { Host, RunOptions } from "../host.ts";

async function outputOf(
  host: Host,
  script: string,
  options: RunOptions & { config?: ImageProcess; passwd?: string } = {},
): Promise<string> {
  const passwd = options.passwd === undefined ? [] : [{ name: "etc/passwd", content: options.passwd }];
  const image = await host.image(passwd, options.config);
  const { output, refused } = await host.run(["/bin/sh", "-c", script], { image, ...options });
  return refused || output.replaceAll("\n", "; ");
}

/** Each in a container of its own: as whom it runs, or "refused". */
async function users(host: Host, names: readonly string[]): Promise<string> {
  const seen = new Set<string>();
  for (const User of names) {
    const said = await outputOf(host, "id -u", {
      config: { User },
      passwd: "root:x:0:0::/:\nzero:x:0:0::/:\n1234x:x:7:7::/:\n",
    });
    seen.add(/image\.config\.User|passwd/.test(said) ? "refused" : said);
  }
  return [...seen].toSorted().join(", ");
}

const KERNEL_VALUE = "/proc/sys/kernel/printk_ratelimit_burst";

/** Sets one of the host's own to what it is. */
async function sysctl(host: Host, name: string, value: string): Promise<string> {
  const { refused, output } = await host.run(["/bin/sh", "-c", `cat /proc/sys/${name.replaceAll(".", "/")}`], {
    sandbox: { linux: { sysctls: { [name]: value } } },
  });
  return refused || `set: ${output}`;
}

/** Texts that are no names; each must be refused by a clear error, or be what it says and nothing else. */
const TEXTS = [
  "line\nline",
  "nul\0nul",
  "escape\u001b[31m",
  "a+b",
  "a=b",
  "..",
  "../../../../etc",
  "../../../outside/made",
  "a/b",
  "/absolute",
  " ",
  "-rf",
  "$(reboot)",
  "\u202egnp",
  "x".repeat(64 * 1024),
];

type Place = (text: string) => { sandbox?: Partial<PodSandboxConfig>; container?: Partial<ContainerConfig> };

const metadata = { name: "n", uid: "u", namespace: "s", attempt: 0 };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

const PLACES: Readonly<Record<string, Place>> = {
  "sandbox name": (text) => ({ sandbox: { metadata: { ...metadata, name: text } } }),
  "sandbox uid": (text) => ({ sandbox: { metadata: { ...metadata, uid: text } } }),
  "sandbox namespace": (text) => ({ sandbox: { metadata: { ...metadata, namespace: text } } }),
  "host name": (text) => ({ sandbox: { hostname: text } }),
  "label name": (text) => ({ sandbox: { labels: { [text]: "v" } } }),
  "label value": (text) => ({ sandbox: { labels: { k: text } } }),
  "annotation value": (text) => ({ sandbox: { annotations: { k: text } } }),
  "cgroup parent": (text) => ({ sandbox: { linux: { cgroupParent: text } } }),
  "sysctl name": (text) => ({ sandbox: { linux: { sysctls: { [text]: "1" } } } }),
  "sysctl value": (text) => ({ sandbox: { linux: { sysctls: { "net.ipv4.ip_default_ttl": text } } } }),
  "DNS search": (text) => ({ sandbox: { dnsConfig: { servers: [], searches: [text], options: [] } } }),
  "container name": (text) => ({ container: { metadata: { name: text, attempt: 0 } } }),
  "container label": (text) => ({ container: { labels: { [text]: text } } }),
  "container annotation": (text) => ({ container: { annotations: { [text]: text } } }),
  "variable name": (text) => ({ container: { envs: [{ key: text, value: bytes("v") }] } }),
  "variable value": (text) => ({ container: { envs: [{ key: "K", value: bytes(text) }] } }),
  "log path": (text) => ({ container: { logPath: text } }),
  "working directory": (text) => ({ container: { workingDir: text } }),
  "mount destination": (text) => ({
    container: { mounts: [{ hostPath: "/etc", containerPath: text, readonly: true }] },
  }),
  "mount source": (text) => ({ container: { mounts: [{ hostPath: text, containerPath: "/data", readonly: true }] } }),
  device: (text) => ({ container: { devices: [{ hostPath: text, containerPath: text, permissions: "r" }] } }),
  image: (text) => ({ container: { image: { image: text } } }),
};

/** Puts each text into each place. Returns what went wrong, and how many were refused and ran. */
async function everywhere(
  host: Host,
  places: Readonly<Record<string, Place>>,
  texts: readonly string[],
): Promise<string> {
  const { runtime, logs } = host;
  const problems: string[] = [];
  let refused = 0;
  let ran = 0;
  const resolvConf = readFileSync("/etc/resolv.conf", "utf8");
  for (const [place, put] of Object.entries(places)) {
    for (const text of texts) {
      const where = `${place} ${JSON.stringify(text.slice(0, 20))}`;
      const { sandbox, container } = put(text);
      const config = sandboxConfig(join(logs, "texts"), sandbox);
      const command = ["/bin/sh", "-c", "env; ls -a / /etc"];
      let podSandboxId = "";
      try {
        ({ podSandboxId = "" } = await runtime.runPodSandbox({ config }));
        const { containerId = "" } = await runtime.createContainer({
          podSandboxId,
          config: containerConfig(command, container),
          sandboxConfig: config,
        });
        await runtime.startContainer({ containerId });
        await untilExited(runtime, containerId);
        const { status } = await runtime.containerStatus({ containerId });
        const log = status?.logPath ?? "";
        if (!log.startsWith(`${logs}/`) || log.includes("/../"))
          problems.push(`${where}: its log is ${log.slice(0, 80)}`);
        ran += 1;
      } catch (error) {
        if (!isNodeletError(error)) problems.push(`${where}: ${describeError(error)}`);
        refused += 1;
      } finally {
        if (podSandboxId !== "") await runtime.removePodSandbox({ podSandboxId });
      }
    }
  }
  if (readFileSync("/etc/resolv.conf", "utf8") !== resolvConf) problems.push("/etc/resolv.conf has changed");
  return problems.length > 0 ? problems.join("; ") : `${ran} ran, ${refused} refused, ${host.touched()}`;
}

/** What the files of a pod's own say of lines that somebody put into a name: each "refused", or the lines. */
async function ownLines(host: Host, hostname: string, search: string): Promise<string> {
  const seen: string[] = [];
  const dnsConfig = { servers: ["10.0.0.10"], searches: [search], options: [] };
  for (const sandbox of [{ hostname }, { dnsConfig }]) {
    const { output, refused } = await host.run(["/bin/cat", "/etc/hostname", "/etc/resolv.conf"], { sandbox });
    const evil = output.split("\n").filter((line) => /^(evil|nameserver 192\.0\.2\.1)$/.test(line));
    seen.push(refused === "" ? evil.join(", ") || "no line of theirs" : "refused");
  }
  return seen.join("; ");
}

/** How ids of a container are mapped, and who has made a file that it makes in a volume. */
async function idsOf(host: Host, usernsOptions: UserNamespace | undefined): Promise<string> {
  const volume = host.make("volume");
  chmodSync(volume, 0o777);
  const namespaceOptions = { pid: NamespaceMode.CONTAINER, ...(usernsOptions === undefined ? {} : { usernsOptions }) };
  const { output, refused } = await host.run(["/bin/sh", "-c", "touch /data/made; cat /proc/self/uid_map"], {
    sandbox: { linux: { securityContext: { namespaceOptions } } },
    container: {
      linux: { securityContext: { namespaceOptions } },
      mounts: [{ hostPath: volume, containerPath: "/data" }],
    },
  });
  return refused || `${output.trim().split(/\s+/).join(" ")}; made by ${statSync(join(volume, "made")).uid}`;
}

const MAPPED = [{ containerId: 0, hostId: 1_000_000, length: 65_536 }];

const profile = (host: Host, name: string): Partial<ContainerConfig> => ({
  linux: {
    securityContext: {
      namespaceOptions: { pid: 1 },
      seccomp: { profileType: 2, localhostRef: join(host.directory, "seccomp", name) },
    },
  },
});

async function confined(host: Host, name: string, text: string | undefined): Promise<string> {
  const directory = join(host.directory, "seccomp");
  mkdirSync(directory, { recursive: true });
  if (text !== undefined) writeFileSync(join(directory, name), text);
  const { output, refused } = await host.run(["/bin/sh", "-c", "grep ^Seccomp: /proc/self/status"], {
    container: profile(host, name),
  });
  return refused === "" ? output.replaceAll("\t", " ") : `refused: ${refused}`;
}

export const attacks: readonly Attack[] = [
  {
    name: "a sysctl of the host, by itself and behind another one",
    rows: ["2022-0811"],
    async attack(host) {
      const value = readFileSync(KERNEL_VALUE, "utf8").trim();
      const plus = await sysctl(host, "kernel.shm_rmid_forced", `1+kernel.printk_ratelimit_burst=${value}`);
      const alone = await sysctl(host, "kernel.printk_ratelimit_burst", value);
      return `${plus.startsWith("set") ? "SET" : "refused"}; ${/is not a sysctl that a pod can have/.test(alone) ? "refused" : alone}`;
    },
    twin: (host) => sysctl(host, "kernel.shm_rmid_forced", "1"),
    held: /^refused; refused$/,
    works: /^set: 1$/,
    without: [
      [
        "agent/runtime/oci/sysctl.ts",
        "segments.every((segment) => SEGMENT.test(segment)) ? namespaceOf(segments) : undefined",
        '(namespaceOf(segments) ?? "network")',
      ],
    ],
    fallen: /^refused; set: /,
  },
  {
    name: "a home directory with a line of its own",
    rows: ["2022-4318", "suite 7"],
    attack: (host) =>
      outputOf(host, 'echo "$HOME"', {
        config: { User: "web" },
        passwd: "root:x:0:0::/root:\nweb:x:7:7::/\u0001own:\n",
      }),
    twin: (host) =>
      outputOf(host, 'echo "$HOME"', { config: { User: "web" }, passwd: "root:x:0:0::/root:\nweb:x:7:7::/own:\n" }),
    held: /has no user|holds a control character/,
    works: /^\/own$/,
    without: [
      ["agent/runtime/oci/user.ts", "if (/\\p{Cc}/u.test(entry.home)) {", "if (entry.home === entry.name) {"],
      ["agent/images/passwd.ts", "if (/[\\u0000-\\u001f\\u007f]/.test(trimmed)) return undefined;", ""],
    ],
    fallen: /own$/,
  },
  {
    name: "a host name and a search domain with lines of their own",
    rows: ["suite 7"],
    attack: (host) => ownLines(host, "web\nevil", "example.com\nnameserver 192.0.2.1"),
    twin: (host) => ownLines(host, "web", "example.com"),
    held: /^refused; refused$/,
    works: /^no line of theirs; no line of theirs$/,
    without: [
      [
        "agent/runtime/oci/validate.ts",
        "if (!fine || Buffer.byteLength(name) > MAX_HOSTNAME_BYTES) {",
        "if (fine && name === where) {",
      ],
      ["agent/runtime/oci/validate.ts", "if (/\\s/.test(refuseControl(value, where)))", 'if (value === "")'],
      ["agent/runtime/resolv-conf.ts", "if (/[\\s\\0]/.test(word)) {", 'if (word === "") {'],
    ],
    fallen: /^evil; nameserver 192\.0\.2\.1$/,
  },
  {
    name: "root of a user namespace, outside of it",
    rows: ["suite 6"],
    attack: (host) => idsOf(host, { mode: 0, uids: MAPPED, gids: MAPPED }),
    twin: (host) => idsOf(host, undefined),
    held: /^0 1000000 65536; made by 1000000$/,
    works: /^0 0 4294967295; made by 0$/,
    without: [
      ["agent/runtime/oci/id-mappings.ts", "containerId,\n    hostId,", "containerId,\n    hostId: hostId - hostId,"],
    ],
    fallen: /^0 0 65536; made by 0$/,
  },
  {
    name: "a USER that overflows to root, or is no number and no name",
    rows: ["2024-40635", "2026-46680", "suite 8"],
    attack: (host) =>
      users(host, [
        "2147483648",
        "4294967295",
        "4294967296",
        "-1",
        "0x0",
        "1:",
        ":",
        ":0",
        "1:2:3",
        "00000000000",
        "+0",
        "1e1",
        "4294967296:0",
        "0:4294967296",
        "nobody-there",
        "ze ro",
      ]),
    twin: (host) => users(host, ["zero", "0", "0:0", "2147483647", "1234x"]),
    held: /^refused$/,
    works: /^0, 2147483647, 7$/,
    without: [["agent/runtime/oci/user.ts", "Number.isInteger(id) && id >= 0 && id <= MAX_ID", "Number.isInteger(id)"]],
    fallen: /(^|, )2147483648/,
  },
  {
    name: "capabilities that a file of the image could inherit",
    rows: ["2022-24769", "suite 6"],
    attack: (host) => outputOf(host, "grep ^CapInh /proc/self/status"),
    twin: (host) => outputOf(host, "grep ^CapPrm /proc/self/status | grep -v 0000000000000000 && echo has some"),
    held: /^CapInh:\t0000000000000000$/,
    works: /has some$/,
    without: [
      ["agent/runtime/oci/capabilities.ts", "permitted: granted,", "permitted: granted, inheritable: granted,"],
    ],
    fallen: /^CapInh:\t(?!0000000000000000)/,
  },
  {
    name: "what a container is confined by, read back",
    rows: ["suite 6"],
    async attack(host) {
      const linux: ContainerConfig["linux"] = {
        securityContext: {
          namespaceOptions: { pid: 1 },
          noNewPrivs: true,
          seccomp: { profileType: 0 },
          capabilities: { dropCapabilities: ["ALL"], addCapabilities: ["NET_BIND_SERVICE"] },
          runAsUser: { value: 33n },
          readonlyRootfs: true,
          maskedPaths: ["/proc/version"],
          readonlyPaths: ["/proc/sys"],
        },
      };
      const script =
        "grep -E '^(NoNewPrivs|Seccomp|CapInh|CapPrm|CapEff|CapBnd|CapAmb|Uid):' /proc/self/status | tr -s '\\t' ' ';" +
        " cat /proc/version; test -w /proc/sys/kernel/hostname && echo sys; touch /x 2> /dev/null && echo root; cut -d' ' -f5 /proc/self/mountinfo | grep -c /";
      return outputOf(host, script, { container: { linux } });
    },
    twin: (host) =>
      outputOf(
        host,
        "test $(grep -c . /proc/self/uid_map) = 1 && cat /proc/version | cut -c1-5; touch /x && echo writes",
      ),
    held: /^Uid: 33 33 33 33; CapInh: 0+; CapPrm: 0+; CapEff: 0+; CapBnd: 0+400; CapAmb: 0+; NoNewPrivs: 1; Seccomp: 2; [0-9]+$/,
    works: /^Linux; writes$/,
    without: [
      [
        "agent/runtime/plan/process.ts",
        'if (process.noNewPrivileges === true) plan.add(actor, "no_new_privs", {}, "process.noNewPrivileges");',
        "",
      ],
      [
        "agent/runtime/plan/process.ts",
        'plan.add(actor, "bounding", { keep: set("bounding") }, "process.capabilities.bounding");',
        "",
      ],
      ["agent/runtime/plan/process.ts", "if (spec.linux?.seccomp === undefined) return;", "return;"],
    ],
    fallen: /CapBnd: (?!0+400).*NoNewPrivs: 0; Seccomp: 0/,
  },
  {
    name: "labels of an image that say what only the runtime may",
    rows: ["2026-53488"],
    async attack(host) {
      const image = await host.image([], {
        Labels: {
          "io.kubernetes.cri.container-type": "sandbox",
          "io.kubernetes.pod.uid": "other",
          "cdi.k8s.io/x": "vendor.com/d=all",
        },
      });
      const { containerId, refused } = await host.start(["/bin/sleep", "60"], { image });
      if (refused !== "") return refused;
      const { containers = [] } = await host.runtime.listContainers({});
      const own = containers.find(({ id }) => id === containerId);
      const spec = readFileSync(join(host.runDir, "containers", containerId, "config.json"), "utf8");
      const said = JSON.stringify([own?.labels, own?.annotations]) + spec;
      return /other|vendor\.com|"sandbox"/.test(said) ? "TAKEN OVER" : "not taken over";
    },
    async twin(host) {
      const { containerId } = await host.start(["/bin/sleep", "60"], {
        container: { labels: { "own/label": "kept" } },
      });
      const { containers = [] } = await host.runtime.listContainers({});
      return containers.find(({ id }) => id === containerId)?.labels?.["own/label"] ?? "lost";
    },
    held: /^not taken over$/,
    works: /^kept$/,
    // Nothing reads them; here something does.
    without: [
      [
        "agent/runtime/oci/container-spec.ts",
        "    annotations: {\n",
        "    annotations: {\n      ...imageConfig.Labels,\n",
      ],
    ],
    fallen: /^TAKEN OVER$/,
  },
  {
    name: "a seccomp profile that is missing, empty or unknown",
    rows: ["suite 14"],
    async attack(host) {
      const seen = [
        await confined(host, "missing.json", undefined),
        await confined(host, "empty.json", ""),
        await confined(host, "object.json", "{}"),
        await confined(host, "action.json", '{"defaultAction":"SCMP_ACT_PLEASE"}'),
        await confined(
          host,
          "rule.json",
          '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["x"],"action":"y"}]}',
        ),
      ];
      const apparmor = await host.run(["/bin/true"], {
        container: {
          linux: {
            securityContext: {
              namespaceOptions: { pid: 1 },
              apparmor: { profileType: 2, localhostRef: "nowhere-loaded" },
            },
          },
        },
      });
      seen.push(apparmor.refused === "" ? "no AppArmor" : `refused: ${apparmor.refused}`);
      return seen.map((said) => (said.startsWith("refused") ? "refused" : said)).join(", ");
    },
    twin: (host) =>
      confined(
        host,
        "good.json",
        '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["reboot"],"action":"SCMP_ACT_ERRNO"}]}',
      ),
    held: /^(refused, ){5}refused$/,
    works: /^Seccomp: 2$/,
    without: [
      [
        "agent/runtime/oci/seccomp.ts",
        'if (typeof defaultAction !== "string" || !ACTIONS.has(defaultAction))',
        "if (defaultAction === null)",
      ],
      ["agent/runtime/plan/process.ts", "if (spec.linux?.seccomp === undefined) return;", "return;"],
      ["agent/runtime/seccomp-filter.ts", "profile === undefined", "true"],
    ],
    fallen: /Seccomp: 0/,
  },
  {
    name: "newlines, NUL, signs, paths and 64 KiB in every name, label, path and variable",
    rows: ["suite 7"],
    attack: (host) => everywhere(host, PLACES, TEXTS),
    twin: (host) =>
      everywhere(
        host,
        Object.fromEntries(
          Object.entries(PLACES).filter(
            ([place]) => /name|label|annotation|variable/.test(place) && !/sysctl/.test(place),
          ),
        ),
        ["plain-text"],
      ),
    held: /^[0-9]+ ran, [0-9]+ refused, untouched$/,
    works: /^[0-9]+ ran, 0 refused, untouched$/,
    without: [
      ["agent/runtime/oci/validate.ts", 'if (config.logPath.split("/").includes(".."))', "if (false)"],
      [
        "agent/runtime/containers.ts",
        'if (logPath !== "" && !logPath.startsWith(',
        'if (logPath === "/" && !logPath.startsWith(',
      ],
    ],
    fallen: /its log is|TOUCHED/,
  },
];
