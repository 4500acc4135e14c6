// Builds the Go programs of the conformance suites into build/tools, as their modules pin them.
//
//     node test/conformance/tools/build.ts [FAMILY...]
//
// Each family is a module of its own, so that the versions of one do not move those of another. What is built already from the same
// module with the same Go is left as it is. Needs the network for modules that are not in Go's cache.

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
  kubernetes: [
    {
      name: "kubelet",
      package: "k8s.io/kubernetes/cmd/kubelet",
      tags: "selinux,notest,grpcnotrace",
      variables: Object.fromEntries(
        ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((path) =>
          Object.entries(KUBERNETES_VERSION).map(([name, value]) => [`${path}.${name}`, value]),
        ),
      ),
    },
  ],
};

function cniPlugin(path: string): Tool {
  return { name: `cni/${basename(path)}`, package: `${CNI_PLUGINS}/${path}` };
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

export function buildTools(family: string): void {
  const tools = FAMILIES[family];
  if (tools === undefined) throw new Error(`Unknown family ${family}; there are: ${Object.keys(FAMILIES).join(", ")}`);
  const module = join(import.meta.dirname, family);
  const stamp = join(TOOLS_DIR, `${family}.stamp`);
  const wanted = createHash("sha256")
    .update(readFileSync(join(module, "go.sum")))
    .update(readFileSync(join(module, "go.mod")))
    .update(execFileSync("go", ["env", "GOVERSION", "GOARCH"], { cwd: module }))
    .update(JSON.stringify(tools))
    .digest("hex");
  const current = existsSync(stamp) && readFileSync(stamp, "utf8") === wanted;
  if (current && tools.every(({ name }) => existsSync(join(TOOLS_DIR, name)))) return;

  for (const { name, package: path, tests, tags = "", variables = {} } of tools) {
    const target = join(TOOLS_DIR, name);
    mkdirSync(dirname(target), { recursive: true });
    const verb = tests === true ? ["test", "-c"] : ["build"];
    const linked = Object.entries(variables).map(([variable, value]) => ` -X ${variable}=${value}`);
    const flags = ["-trimpath", "-buildvcs=false", `-tags=${tags}`, `-ldflags=-s -w${linked.join("")}`];
    execFileSync("go", [...verb, ...flags, "-o", `${target}.new`, path], {
      cwd: module,
      env: { ...process.env, CGO_ENABLED: "0", GOFLAGS: "-mod=readonly" },
      stdio: ["ignore", "inherit", "inherit"],
    });
    renameSync(`${target}.new`, target);
  }
  writeFileSync(stamp, wanted);
}

if (import.meta.main) {
  const families = process.argv.slice(2);
  for (const family of families.length > 0 ? families : Object.keys(FAMILIES)) buildTools(family);
}
