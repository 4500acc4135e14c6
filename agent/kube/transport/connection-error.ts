// Failures of the way to an API server, in words.

import { isErrno, NodeletError } from "../../base/errors.ts";

/** The server could not be reached, or went away before the whole answer was there. */
export class ConnectionError extends NodeletError {
  /** The server has certainly not seen the request: it may be sent again, whatever it is. */
  readonly unsent: boolean;

  constructor(message: string, options: { cause?: unknown; unsent?: boolean; fix?: string; where?: string } = {}) {
    super("unavailable", message, { cause: options.cause, fix: options.fix, where: options.where });
    this.unsent = options.unsent ?? false;
  }
}

const TLS_CODES =
  /^(ERR_SSL|ERR_TLS|CERT_|UNABLE_TO_|DEPTH_ZERO|SELF_SIGNED|HOSTNAME_MISMATCH|INVALID_CA|EPROTO|ERR_OSSL)/;

/** Of a connection that could not be made. */
export function explainDial(error: unknown, server: URL): NodeletError {
  if (error instanceof NodeletError) return error;
  const { host } = server;
  if (isErrno(error, "ENOTFOUND")) {
    return new ConnectionError(`There is no host ${server.hostname}`, {
      cause: error,
      unsent: true,
      fix: "Check the server's name in the kubeconfig",
    });
  }
  const code = error instanceof Error ? String((error as NodeJS.ErrnoException).code) : "";
  if (TLS_CODES.test(code)) {
    const fix = /WRONG_VERSION_NUMBER|PACKET_LENGTH_TOO_LONG/.test(code)
      ? "If the server speaks plain HTTP, write its address as http://"
      : /ALTNAME|HOSTNAME/.test(code)
        ? "Reach it by a name that its certificate has, or give that as tls-server-name"
        : "Check certificate-authority in the kubeconfig, and the client certificate";
    return new ConnectionError(`No TLS connection to the API server ${host} can be made`, {
      cause: error,
      unsent: true,
      fix,
    });
  }
  return new ConnectionError(`The API server ${host} cannot be reached`, { cause: error, unsent: true });
}

/** Of a connection that broke while it was used. */
export function explainBroken(error: unknown, server: URL, unsent = false): NodeletError {
  if (error instanceof NodeletError) return error;
  return new ConnectionError(`The connection to the API server ${server.host} broke`, { cause: error, unsent });
}
