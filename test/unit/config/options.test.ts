import { test } from "tap";

import { describeError } from "../../../agent/base/errors.ts";
import { agentHelp, parseFlags, readOptions } from "../../../agent/config/options.ts";

function errorOf(...argv: string[]): string {
  try {
    parseFlags(argv);
    return "none";
  } catch (error) {
    return describeError(error);
  }
}

test("defaults, and what follows from what is given", async (t) => {
  t.match(await readOptions(parseFlags([])), {
    rootDir: "/var/lib/kubelet",
    stateDir: "/var/lib/nodelet",
    runDir: "/run/nodelet",
    criSocket: "/run/nodelet/cri.sock",
    certDir: "/var/lib/kubelet/pki",
    network: "auto",
    podCidr: "10.213.0.0/16",
    cniBinDir: ["/opt/cni/bin", "/usr/lib/cni"],
    logLevel: "info",
    kubelet: { fileCheckFrequency: "20s", crashLoopBackOff: { maxContainerRestartPeriod: "5m0s" } },
    allowMissingCgroupControllers: false,
  });
  const other = await readOptions(
    parseFlags([
      "--run-dir=/tmp/x/",
      "--root-dir",
      "/tmp/r",
      "--cluster-dns=10.0.0.10,fd00::10",
      "--seccomp-default",
      "--pod-cidr=10.100.0.0/24",
      "--node_labels=a=b",
      "--runtime-handlers=runc,kata-fc",
      "--apparmor-default-profile=web//inner",
      "-v=4",
    ]),
  );
  t.match(other, {
    runDir: "/tmp/x",
    criSocket: "/tmp/x/cri.sock",
    certDir: "/tmp/r/pki",
    seccompProfileRoot: "/tmp/r/seccomp",
    podCidr: "10.100.0.0/24",
    nodeLabels: ["a=b"],
    runtimeHandlers: ["runc", "kata-fc"],
    apparmorDefaultProfile: "web//inner",
    logLevel: "debug",
    kubelet: { clusterDNS: ["10.0.0.10", "fd00::10"], seccompDefault: true, podCIDR: "10.100.0.0/24" },
  });
  t.ok(other.givenFields.has("clusterDNS"));
  t.notOk(other.givenFields.has("maxPods"));
});

test("errors name the flag and what to do", async (t) => {
  const cases: [argv: string[], error: RegExp][] = [
    [["--runn-dir=/x"], /^--runn-dir: There is no such flag \(Did you mean --run-dir\?\)/],
    [["--max-podz=3"], /^--max-podz: There is no such flag \(Did you mean --max-pods\?\)/],
    [["--run-dir=x"], /^--run-dir: Must be an absolute path: it is "x" \(Write \/.*\/x\)/],
    [["--run-dir"], /^--run-dir: A value is missing \(Write --run-dir=DIR\)/],
    [["--run-dir", "--network=cni"], /^--run-dir: A value is missing/],
    [["--network=bultin"], /^--network: Must be one of auto, builtin, cni: it is "bultin" \(Did you mean builtin\?\)/],
    [["--max-pods=many"], /^--max-pods: Must be a whole number/],
    [["--max-pods=-1"], /^--max-pods: Must be a whole number from 0 to/],
    [[`--run-dir=/${"a".repeat(80)}`], /^--run-dir: Must have at most \d+ bytes.*\(Choose a shorter path\)/],
    [["pods"], /^Unexpected argument "pods"/],
    [["--cluster-dns=1.2.3"], /^--cluster-dns: \[0\]: "1.2.3" must be an IP address/],
    [["--seccomp-default=yes"], /^--seccomp-default: Must be true or false: it is "yes"/],
    [["--file-check-frequency=20"], /^--file-check-frequency: "20" must be a time such as 20s/],
    [["-v=high"], /^-v: Must be a number|^--v: Must be a whole number/],
    [["--pod-cidr=10.0.0.0"], /^--pod-cidr: Must be an IPv4 network/],
    [["--apparmor-default-profile=a b"], /^--apparmor-default-profile: Must be the name of a profile/],
    [["--runtime-handlers=Runc"], /^--runtime-handlers: Must be lower-case letters/],
    [["--cni-bin-dir=/a,b"], /^--cni-bin-dir: Must be absolute paths .* b is not one/],
    [["--container-runtime-endpoint=tcp://x"], /^--container-runtime-endpoint: .* must be unix:\/\//],
    [["--state-dir=/a\0b"], /^--state-dir: Must not have a NUL character/],
    [["--eviction-hard=memory.free<1Gi"], /^--eviction-hard: .*is no eviction signal/],
    [["--node-labels=a"], /^--node-labels: Must be NAME=VALUE/],
  ];
  for (const [argv, error] of cases) t.match(errorOf(...argv), error, argv.join(" "));
  t.throws(() => parseFlags(["--pod-manifest-path=/x"], "cri"), { message: /not one of `nodelet cri`/ });
});

test("flags of kubelet without effect are taken, as they have been", async (t) => {
  const { withoutEffect, options } = parseFlags([
    "--cloud-provider",
    "external",
    "--runtime-cgroups=/x",
    "--exit-on-lock-contention",
    "--housekeeping_interval=10s",
    "--bootstrap-kubeconfig=/b",
  ]);
  t.same(withoutEffect, ["cloud-provider", "runtime-cgroups", "exit-on-lock-contention", "housekeeping-interval"]);
  t.equal(options.bootstrapKubeconfig, "/b");
});

test("help lists every flag with its default", async (t) => {
  const help = agentHelp();
  t.match(help, /--pod-manifest-path VALUE\n/);
  t.match(help, /\[RUN_DIR\/cri\.sock\]/);
  t.match(help, /--max-pods VALUE\n {8}maxPods: .*\[110\]/);
  t.notMatch(agentHelp("cri"), /--pod-manifest-path/);
  for (const line of help.split("\n")) t.ok(line.length <= 140, line);
});
