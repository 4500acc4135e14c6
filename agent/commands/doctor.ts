// `nodelet doctor`

import { defineCommand, EXIT, OUTPUT_OPTION, type OptionSpecs } from "./cli.ts";
import { checkCgroups } from "./doctor/cgroups.ts";
import { checkCni } from "./doctor/cni.ts";
import { reason, type Finding } from "./doctor/finding.ts";
import { thisHost, type Host } from "./doctor/host.ts";
import { checkInstall } from "./doctor/install.ts";
import { checkKernel } from "./doctor/kernel.ts";
import { checkNetwork } from "./doctor/network.ts";
import { checkRights } from "./doctor/rights.ts";
import { checkStorage } from "./doctor/storage.ts";
import { formatOf, render } from "./output.ts";
import { harmless } from "./table.ts";

const OPTIONS = {
  ...OUTPUT_OPTION,
  "state-dir": { kind: "string", value: "DIR", help: "where images and records are to lie (default /var/lib/nodelet)" },
  "cni-conf-dir": { kind: "string", value: "DIR", help: "CNI configurations (default /etc/cni/net.d)" },
  "cni-bin-dir": { kind: "string", value: "DIR,...", help: "CNI plugins (default /opt/cni/bin,/usr/lib/cni)" },
} as const satisfies OptionSpecs;

const CHECKS: Readonly<Record<string, (host: Host) => readonly Finding[] | Promise<readonly Finding[]>>> = {
  installation: checkInstall,
  rights: checkRights,
  kernel: checkKernel,
  cgroups: checkCgroups,
  storage: checkStorage,
  network: checkNetwork,
  "CNI plugins": checkCni,
};

export const doctorCommand = defineCommand({
  name: "doctor",
  summary: "what this host lacks, what follows from it, and what to do",
  usage: ["[-o json|yaml]"],
  notes: "Works without the daemon and leaves nothing behind. Ends with 1 only if no container can be made here.",
  options: OPTIONS,
  args: { min: 0, max: 0 },
  async run({ options, print, runDir, streams }) {
    const format = formatOf(options.output);
    const host = await thisHost({
      stateDir: options["state-dir"] ?? "/var/lib/nodelet",
      runDir,
      cniConfDir: options["cni-conf-dir"] ?? "/etc/cni/net.d",
      cniBinDir: (options["cni-bin-dir"] ?? "/opt/cni/bin,/usr/lib/cni").split(","),
      path: streams.env["PATH"] ?? "",
    });
    const findings = await examine(host);
    const possible = !findings.some(({ fatal }) => fatal === true);
    if (format !== undefined) await print(await render({ containersPossible: possible, findings }, format));
    else await print(report(findings));
    return possible ? EXIT.ok : EXIT.failure;
  },
});

/** All checks; one that breaks is a finding, and the others go on. */
export async function examine(host: Host): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const [area, check] of Object.entries(CHECKS)) {
    try {
      findings.push(...(await check(host)));
    } catch (error) {
      findings.push({
        area,
        name: "check",
        state: "warning",
        detail: `could not be finished: ${reason(error)}`,
        consequence: "What it would have found is not known.",
        fix: "Run it as root on the host itself.",
      });
    }
  }
  return findings;
}

/** For people. */
export function report(findings: readonly Finding[]): string {
  const lines: string[] = [];
  const width = Math.max(...findings.map(({ name }) => name.length));
  for (const [area, list = []] of Object.entries(Object.groupBy(findings, (finding) => finding.area))) {
    lines.push(area);
    for (const { name, state, detail, consequence, fix } of list) {
      lines.push(`  ${state.padEnd(7)}  ${name.padEnd(width)}  ${harmless(detail)}`);
      for (const text of [consequence, fix]) if (text !== undefined) lines.push(`${" ".repeat(width + 13)}${text}`);
    }
  }
  const count = (wanted: Finding["state"]): number => findings.filter(({ state }) => state === wanted).length;
  const possible = !findings.some(({ fatal }) => fatal === true);
  lines.push(
    "",
    `${count("ok")} ok, ${count("warning")} warnings, ${count("missing")} missing: containers ${possible ? "can" : "cannot"} be made here.`,
  );
  return `${lines.join("\n")}\n`;
}
