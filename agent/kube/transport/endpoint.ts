// Where an API server is and how it is trusted: a cluster of a kubeconfig, read.

export interface Endpoint {
  /** Its path, if any, goes before that of each request. */
  readonly server: URL;
  /** PEM; undefined: the host's own authorities. */
  readonly ca: string | undefined;
  readonly skipVerify: boolean;
  /** The name that the certificate must have, in place of the server's. */
  readonly serverName: string | undefined;
  readonly proxy: URL | undefined;
}

/** PEM, both. */
export interface ClientIdentity {
  readonly certificate: string;
  readonly key: string;
}
