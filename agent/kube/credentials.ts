// As whom the API server is spoken to.

import type { ClientIdentity } from "./transport/endpoint.ts";

export interface Credential {
  /** A bearer token or a password, as the header's value; undefined: none. */
  readonly authorization?: string | undefined;
  /** For TLS. Another object than before: connections are made anew. */
  readonly identity?: ClientIdentity | undefined;
}

export interface Credentials {
  /** What holds now. Reads files and runs plugins when what is known is too old. */
  current(signal: AbortSignal): Promise<Credential>;
  /** The server answered 401 to this one. True: another one may be got at once. */
  refused(credential: Credential): boolean;
}

export const ANONYMOUS: Credentials = fixedCredentials({});

export function fixedCredentials(credential: Credential): Credentials {
  return { current: () => Promise.resolve(credential), refused: () => false };
}
