/** What a run of the node suite is to be; inside.ts gets it as JSON. */
export interface NodeSuiteRequest {
  /** Regular expression of specs; empty: all of node conformance. */
  readonly focus: string;
  readonly procs: number;
  /** OCI layout. */
  readonly images: string;
  /** Directory. */
  readonly reports: string;
  /** Of its own, on a disk; removed by who made it. */
  readonly directory: string;
  /** Of the report's files. */
  readonly name: string;
}
