// One run of critest: what the outside asks of the program inside a host of its own.

export interface CritestRequest {
  readonly network: "builtin" | "bridge-plugin";
  /** Processes of ginkgo. */
  readonly procs: number;
  /** An OCI layout. */
  readonly images: string;
  /** Directory of the report: NAME.md, NAME.xml, NAME.log and, of the daemon, NAME.daemon.log. */
  readonly reports: string;
  /** Of a series, from 1. */
  readonly run: number;
  /** Regular expression of ginkgo's; empty: all specs. */
  readonly focus: string;
  /** The daemon is killed and started again so many times while critest runs. */
  readonly kills: number;
  /** Of the times between the kills. */
  readonly seed: number;
}

export function runName({ network, procs, run, kills }: Omit<CritestRequest, "images" | "reports">): string {
  return `critest-${network}-${procs}${kills > 0 ? `-${kills}-kills` : ""}${run > 1 ? `-run-${run}` : ""}`;
}
