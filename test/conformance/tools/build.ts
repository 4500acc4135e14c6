// Builds the Go programs of the conformance suites into build/tools, as their modules pin them.
//
//     node test/conformance/tools/build.ts [FAMILY|FAMILY/TOOL...]
//
// Each family is a module of its own, so that the versions of one do not move those of another. What is built already from the same
// module with the same Go and the same flags is left as it is. Needs the network for modules that are not in Go's cache.

import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

import { packageRoot } from "../../../agent/base/paths.ts";

export const TOOLS_DIR = join(packageRoot(), "build", "tools");

interface Tool {
  /** Of the file in TOOLS_DIR, with a directory where a family has one. */
  readonly name: string;
  readonly package: string;
  /** A program that is the package's tests. */
  readonly tests?: boolean;
  /** Build tags. */
  readonly tags?: string;
  /** Variables of the program that the linker sets. */
  readonly variables?: Readonly<Record<string, string>>;
}

const CNI = "github.com/containernetworking/cni";
const CNI_PLUGINS = "github.com/containernetworking/plugins/plugins";

/** Without it they call themselves v0.0.0, and checks of versions fail. */
const KUBERNETES_VERSION = { gitVersion: "v1.36.3", gitMajor: "1", gitMinor: "36" };

const FAMILIES: Readonly<Record<string, readonly Tool[]>> = {
  cri: [
    { name: "crictl", package: "sigs.k8s.io/cri-tools/cmd/crictl" },
    { name: "critest", package: "sigs.k8s.io/cri-tools/cmd/critest", tests: true },
    { name: "ginkgo", package: "github.com/onsi/ginkgo/v2/ginkgo" },
  ],
  cni: [
    { name: "cni/cnitool", package: `${CNI}/cnitool` },
    { name: "cni/noop", package: `${CNI}/plugins/test/noop` },
    ...["main/bridge", "main/loopback", "ipam/host-local", "ipam/static"].map(cniPlugin),
    ...["meta/portmap", "meta/bandwidth", "meta/firewall", "meta/tuning"].map(cniPlugin),
  ],
  etcd: [{ name: "etcd", package: "go.etcd.io/etcd/server/v3" }],
  kubernetes: [
    ...["kubelet", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kube-proxy", "kubectl"].map((name) =>
      kubernetesTool({ name, package: `k8s.io/kubernetes/cmd/${name}` }),
    ),
    kubernetesTool({ name: "e2e.test", package: "k8s.io/kubernetes/test/e2e", tests: true }),
    kubernetesTool({ name: "e2e_node.test", package: "k8s.io/kubernetes/test/e2e_node", tests: true }),
    // Of the suites' own version: the runner and what it runs have to be of one.
    { name: "e2e-ginkgo", package: "github.com/onsi/ginkgo/v2/ginkgo" },
    kubernetesTool({ name: "agnhost", package: "k8s.io/kubernetes/test/images/agnhost" }),
  ],
  containerd: ["containerd", "containerd-shim-runc-v2"].map((name) => ({
    name,
    package: `github.com/containerd/containerd/v2/cmd/${name}`,
    variables: { "github.com/containerd/containerd/v2/version.Version": "v2.3.4" },
  })),
  coredns: [{ name: "coredns", package: "." }],
  "sample-apiserver": [kubernetesTool({ name: "sample-apiserver", package: "k8s.io/sample-apiserver" })],
  "metrics-server": [{ name: "metrics-server", package: "sigs.k8s.io/metrics-server/cmd/metrics-server" }],
};

function cniPlugin(path: string): Tool {
  return { name: `cni/${basename(path)}`, package: `${CNI_PLUGINS}/${path}` };
}

function kubernetesTool(tool: Tool): Tool {
  const variables = ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
    Object.entries(KUBERNETES_VERSION).map(([name, value]) => [`${path}.${name}`, value]),
  );
  return { ...tool, tags: "selinux,notest,grpcnotrace", variables: Object.fromEntries(variables) };
}

/** Why nothing can be built here. */
export function goObstacle(): string | undefined {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
    return undefined;
  } catch {
    return "there is no Go on PATH, which the tools of the conformance suites are built with";
  }
}

/** Builds a family, or those of its tools that are named. */
export function buildTools(family: string, names?: readonly string[]): void {
  for (const step of steps(family, names)) if (!isDone(step)) buildTool(step);
}

/** Whether there is nothing left to build: for tests with tools that take long. */
export function toolsBuilt(family: string, names?: readonly string[]): boolean {
  return steps(family, names).every(isDone);
}

interface Step {
  readonly tool: Tool;
  /** Directory of its go.mod. */
  readonly module: string;
  readonly target: string;
  readonly stamp: string;
  /** What the stamp holds when the target is what the module says. */
  readonly wanted: string;
}

function steps(family: string, names?: readonly string[]): readonly Step[] {
  const tools = FAMILIES[family];
  if (tools === undefined) throw new Error(`Unknown family ${family}; there are: ${Object.keys(FAMILIES).join(", ")}`);
  const unknown = names?.find((name) => !tools.some((tool) => tool.name === name));
  if (unknown !== undefined) {
    throw new Error(`Unknown tool ${unknown} of ${family}; there are: ${tools.map(({ name }) => name).join(", ")}`);
  }
  const module = join(import.meta.dirname, family);
  const versions = createHash("sha256")
    .update(readFileSync(join(module, "go.sum")))
    .update(readFileSync(join(module, "go.mod")))
    .update(readIfThere(join(module, "main.go")))
    .update(execFileSync("go", ["env", "GOVERSION", "GOARCH"], { cwd: module }))
    .digest("hex");
  return tools
    .filter(({ name }) => names === undefined || names.includes(name))
    .map((tool) => ({
      tool,
      module,
      target: join(TOOLS_DIR, tool.name),
      stamp: join(TOOLS_DIR, "stamps", tool.name.replaceAll("/", "-")),
      wanted: `${versions} ${JSON.stringify(tool)}`,
    }));
}

/** Of a program that is the module's own. */
function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, "utf8") : "";
}

function isDone({ target, stamp, wanted }: Step): boolean {
  return existsSync(target) && existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
}

function buildTool({ tool, module, target, stamp, wanted }: Step): void {
  const { package: path, tests, tags = "", variables = {} } = tool;
  for (const file of [target, stamp]) mkdirSync(dirname(file), { recursive: true });
  const verb = tests === true ? ["test", "-c"] : ["build"];
  const linked = Object.entries(variables).map(([variable, value]) => ` -X ${variable}=${value}`);
  const flags = ["-trimpath", "-buildvcs=false", `-tags=${tags}`, `-ldflags=-s -w${linked.join("")}`];
  execFileSync("go", [...verb, ...flags, "-o", `${target}.new`, path], {
    cwd: module,
    env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
    stdio: ["ignore", "inherit", "inherit"],
  });
  renameSync(`${target}.new`, target);
  writeFileSync(stamp, wanted);
}

if (import.meta.main) {
  const wanted = process.argv.slice(2);
  for (const item of wanted.length > 0 ? wanted : Object.keys(FAMILIES)) {
    const [family = "", tool] = item.split("/", 2);
    buildTools(family, tool === undefined ? undefined : [item.slice(family.length + 1)]);
  }
}
