/** What a run of the cluster suite is to be; inside.ts gets it as JSON. */
export interface ClusterSuiteRequest {
  /** Specs by name. */
  readonly specs: readonly string[];
  readonly procs: number;
  /** OCI layouts: what specs pull, and the cluster's name server. */
  readonly images: string;
  readonly dns: string;
  /** Directory. */
  readonly reports: string;
  /** Of its own, on a disk; removed by who made it. */
  readonly directory: string;
  /** Of the report's files. */
  readonly name: string;
}
