import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "tap";

import { describeError } from "../../../agent/base/errors.ts";
import { withConfigurationFile } from "../../../agent/config/kubelet-configuration.ts";
import { agentHelp, parseAgentOptions, parseDuration } from "../../../agent/config/options.ts";

function errorOf(...argv: string[]): string {
  try {
    parseAgentOptions(argv);
    return "none";
  } catch (error) {
    return describeError(error);
  }
}

test("defaults, and what follows from what is given", async (t) => {
  const options = parseAgentOptions([]);
  t.match(options, {
    rootDir: "/var/lib/kubelet",
    stateDir: "/var/lib/nodelet",
    runDir: "/run/nodelet",
    criSocket: "/run/nodelet/cri.sock",
    network: "auto",
    cniBinDir: ["/opt/cni/bin", "/usr/lib/cni"],
    podManifestPath: "",
    fileCheckFrequencyMs: 20_000,
    maxContainerRestartPeriodMs: 300_000,
    allowMissingCgroupControllers: false,
  });
  const other = parseAgentOptions([
    "--run-dir=/tmp/x/",
    "--root-dir",
    "/tmp/r",
    "--cluster-dns=10.0.0.10,fd00::10",
    "--seccomp-default",
    "-v=4",
  ]);
  t.match(other, {
    runDir: "/tmp/x",
    criSocket: "/tmp/x/cri.sock",
    seccompProfileRoot: "/tmp/r/seccomp",
    clusterDns: ["10.0.0.10", "fd00::10"],
    seccompDefault: true,
    logLevel: "debug",
  });
});

test("errors name the flag and what to do", async (t) => {
  const cases: [argv: string[], error: RegExp][] = [
    [["--runn-dir=/x"], /^--runn-dir: There is no such flag \(Did you mean --run-dir\?\)/],
    [["--run-dir=x"], /^--run-dir: Must be an absolute path: it is "x" \(Write \/.*\/x\)/],
    [["--run-dir"], /^--run-dir: A value is missing \(Write --run-dir=DIR\)/],
    [["--run-dir", "--network=cni"], /^--run-dir: A value is missing/],
    [["--network=bultin"], /^--network: Must be one of auto, builtin, cni: it is "bultin" \(Did you mean builtin\?\)/],
    [["--max-pods=3"], /^--max-pods: This flag of kubelet is not supported yet/],
    [[`--run-dir=/${"a".repeat(80)}`], /^--run-dir: Must have at most \d+ bytes.*\(Choose a shorter path\)/],
    [["pods"], /^Unexpected argument "pods"/],
    [["--cluster-dns=1.2.3"], /^--cluster-dns: Must be IP addresses/],
    [["--seccomp-default=yes"], /^--seccomp-default: Must be true or false: it is "yes"/],
    [["--file-check-frequency=20"], /^--file-check-frequency: Must be a time such as 20s/],
    [["-v=high"], /^-v: Must be a number/],
    [["--pod-cidr=10.0.0.0"], /^--pod-cidr: Must be an IPv4 network/],
    [["--cni-bin-dir=/a,b"], /^--cni-bin-dir: Must be absolute paths .* b is not one/],
    [["--container-runtime-endpoint=tcp://x"], /^--container-runtime-endpoint: Must be unix:\/\//],
    [["--state-dir=/a\0b"], /^--state-dir: Must not have a NUL character/],
  ];
  for (const [argv, error] of cases) t.match(errorOf(...argv), error, argv.join(" "));
  t.throws(() => parseAgentOptions(["--pod-manifest-path=/x"], "cri"), { message: /not one of `nodelet cri`/ });
});

test("help lists every flag with its default", async (t) => {
  const help = agentHelp();
  t.match(help, /--pod-manifest-path DIR\n/);
  t.match(help, /\[RUN_DIR\/cri\.sock\]/);
  t.notMatch(agentHelp("cri"), /--pod-manifest-path/);
  for (const line of help.split("\n")) t.ok(line.length <= 140, line);
});

test("durations", async (t) => {
  t.equal(parseDuration("1m30s"), 90_000);
  t.equal(parseDuration("300ms"), 300);
  t.equal(parseDuration("1.5h"), 5_400_000);
  for (const text of ["", "5", "s", "1d", "-1s"]) t.equal(parseDuration(text), undefined, text);
});

test("a KubeletConfiguration stands behind the flags", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-config-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "kubelet.yaml");
  const head = "apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n";
  const read = async (text: string, ...argv: string[]): Promise<object> => {
    writeFileSync(path, text);
    return await withConfigurationFile(parseAgentOptions([`--config=${path}`, ...argv]));
  };
  t.match(
    await read(
      `${head}staticPodPath: /etc/manifests\nclusterDNS: [10.0.0.10]\nfileCheckFrequency: 5s\nseccompDefault: true\ncrashLoopBackOff: {maxContainerRestartPeriod: 60s}\n`,
      "--seccomp-default=false",
    ),
    {
      podManifestPath: "/etc/manifests",
      clusterDns: ["10.0.0.10"],
      fileCheckFrequencyMs: 5_000,
      seccompDefault: false,
      maxContainerRestartPeriodMs: 60_000,
    },
  );
  const cases: [text: string, error: RegExp][] = [
    [
      `${head}staticPodPat: /x\n`,
      /kubelet\.yaml:3:1: staticPodPat: Unknown field "staticPodPat" \(Did you mean staticPodPath\?\)/,
    ],
    [`${head}maxPods: 5\n`, /kubelet\.yaml:3:1: maxPods: This field is not supported yet/],
    [`${head}staticPodPath: x\n`, /kubelet\.yaml:3:16: staticPodPath: Must be an absolute path: it is "x"/],
    [`${head}clusterDNS: x\n`, /clusterDNS: Must be a list of strings/],
    ["kind: Pod\napiVersion: v1\n", /Must be a KubeletConfiguration/],
    ["", /Must have one document: it has 0/],
    [`${head}a: b: c\n`, /kubelet\.yaml:3:4: Not valid YAML/],
  ];
  for (const [text, error] of cases)
    await t.rejects(
      read(text).catch((cause: unknown) => Promise.reject(new Error(describeError(cause)))),
      { message: error },
      text,
    );
  await t.rejects(withConfigurationFile(parseAgentOptions(["--config=/nonexistent"])), {
    message: /Cannot read the configuration/,
  });
});
