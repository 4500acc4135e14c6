// Starts the kubelet's API as the configuration asks for it.

import { hostname } from "node:os";

import type { Clock } from "../../base/clock.ts";
import { NodeletError } from "../../base/errors.ts";
import type { Logger } from "../../base/log.ts";
import { milliseconds, type KubeletConfiguration } from "../../config/kubelet/configuration.ts";
import { cipherList, curveList, tlsVersion } from "../../config/kubelet/tls.ts";
import type { AgentOptions } from "../../config/options.ts";
import { type KeyPair, parsePair } from "../../kube/certificates/pair-store.ts";
import { CertificateMeters } from "../../kube/certificates/meters.ts";
import type { KubeClient } from "../../kube/client.ts";
import type { ServerDeps } from "../../server/deps.ts";
import { alwaysAllow, webhookAuthorization } from "../../server/kubelet/authorization.ts";
import { createAuthentication } from "../../server/kubelet/authentication.ts";
import {
  followCredentials,
  readCredentials,
  type CredentialFiles,
  type Credentials,
} from "../../server/kubelet/credentials.ts";
import { RequestMeters } from "../../server/kubelet/metrics/requests.ts";
import { createReviews, type Reviews } from "../../server/kubelet/reviews.ts";
import { HealthChecks, healthRoutes } from "../../server/kubelet/routes/healthz.ts";
import type { KubeletDeps } from "../../server/kubelet/routes/index.ts";
import { createKubeletServer, serveHealthz, type Gate } from "../../server/kubelet/server.ts";

export interface KubeletApiRequest
  extends
    Pick<ServerDeps, "pods" | "cri" | "system" | "clock" | "log" | "info">,
    Pick<KubeletDeps, "cgroups" | "ownCgroup" | "podCgroup" | "meters" | "probes"> {
  readonly options: AgentOptions;
  /** Why pods are not looked after as they should be. */
  readonly stalled: () => string | undefined;
  /** Answers who a token's user is, and what a user may do; signs the server's certificate. Undefined: there is no API server. */
  readonly client: KubeClient | undefined;
  /** The node's. */
  readonly addresses: () => readonly string[];
  /** Undefined: nothing but /healthz and the read-only port. */
  readonly prepared: PreparedApi | undefined;
}

/** Paths that requests are counted under. */
const COUNTED: readonly string[] = [
  ..."attach checkpoint configz containerLogs debug exec flagz healthz logs metrics pods portForward run runningpods stats statusz".split(
    " ",
  ),
  ..."metrics/cadvisor metrics/probes metrics/resource".split(" "),
];

/** Fields that only matter to who wants the API. */
const WISHES = /^(authentication|authorization|address$|port$|tls|serverTLSBootstrap$)/;

/** What the server shows and trusts. */
export interface PreparedApi {
  readonly files: CredentialFiles;
  readonly credentials: Credentials;
}

export interface PreparationRequest {
  readonly options: AgentOptions;
  /** There is one to ask about tokens and rights. */
  readonly hasApiServer: boolean;
  /** Of the node: they go into a certificate that is made here. */
  readonly addresses: () => readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
}

/**
 * Reads the server's credentials, or makes them. Undefined: it is not to be served, as it is turned off or nobody could be let in.
 * Throws `invalid` where it was asked for and cannot be.
 */
export async function prepareKubeletApi(request: PreparationRequest): Promise<PreparedApi | undefined> {
  const { options, hasApiServer, log } = request;
  if (!options.kubelet.enableServer) return undefined;
  const problem = obstacle(options.kubelet, hasApiServer);
  if (problem !== undefined) {
    if ([...options.givenFields].some((path) => WISHES.test(path))) throw problem;
    log.info({ reason: problem.message }, "the kubelet's API is not served");
    return undefined;
  }
  const files = await credentialFiles(request);
  return { files, credentials: await readCredentials(files) };
}

/** Serves until it is disposed. Throws `conflict` for a port that another process has. */
export async function startKubeletApi(request: KubeletApiRequest): Promise<AsyncDisposable> {
  const { options, clock, log, prepared } = request;
  const { kubelet } = options;
  await using parts = new AsyncDisposableStack();
  const ended = new AbortController();
  parts.defer(() => ended.abort(new NodeletError("cancelled", "the daemon is stopping")));
  const checks = new HealthChecks([{ name: "syncloop", problem: request.stalled }]);
  const requests = new RequestMeters(COUNTED);
  const certificate = new CertificateMeters(clock, "server");
  const endpoint = kubelet.containerRuntimeEndpoint ?? "";
  const deps: KubeletDeps = {
    ...request,
    configuration: {
      ...kubelet,
      containerRuntimeEndpoint: endpoint === "" ? `unix://${options.criSocket}` : endpoint,
    },
    flags: shownFlags(options),
    layout: { rootDir: options.rootDir, podLogsDir: kubelet.podLogsDir },
    checks,
    meters: [...request.meters, requests, certificate],
    mirrors: request.client !== undefined,
  };

  if (kubelet.healthzPort !== 0) {
    const healthz = createKubeletServer({
      routes: healthRoutes(checks),
      address: kubelet.healthzBindAddress,
      port: kubelet.healthzPort,
      tls: undefined,
      gate: undefined,
      requests: undefined,
      log,
    });
    parts.use(healthz);
    void serveHealthz(healthz, { clock, log, signal: ended.signal });
  }
  const readOnlyPort = kubelet.enableServer ? kubelet.readOnlyPort : 0;
  // Loaded only where they are served: a standalone agent does without.
  const routes =
    prepared === undefined && readOnlyPort === 0
      ? undefined
      : parts.use((await import("../../server/kubelet/routes/index.ts")).kubeletRoutes(deps));
  if (routes !== undefined && readOnlyPort !== 0) {
    const readOnly = createKubeletServer({
      routes: routes.readOnly,
      address: kubelet.address,
      port: readOnlyPort,
      tls: undefined,
      gate: undefined,
      requests,
      log,
    });
    parts.use(readOnly);
    await readOnly.listen();
  }
  const reviews = request.client === undefined ? undefined : createReviews(request.client);
  if (routes !== undefined && prepared !== undefined) {
    const { files, credentials } = prepared;
    let fromFiles = credentials;
    let signed: KeyPair | undefined;
    const shown = (): Credentials =>
      signed === undefined ? fromFiles : { ...fromFiles, cert: signed.certificate, key: signed.key };
    const server = createKubeletServer({
      routes: routes.all,
      address: kubelet.address,
      port: kubelet.port,
      tls: {
        credentials,
        minVersion: tlsVersion(kubelet.tlsMinVersion ?? "") ?? "TLSv1.2",
        ciphers: cipherList(kubelet.tlsCipherSuites ?? []),
        curves: curveList(kubelet.tlsCurvePreferences ?? []),
      },
      gate: gateOf(request, reviews),
      requests,
      log,
    });
    parts.use(server);
    const bound = await server.listen();
    const apply = (renewed: Credentials): void => {
      fromFiles = renewed;
      server.setCredentials(shown());
    };
    void followCredentials(files, credentials, apply, { clock, log, signal: ended.signal });
    if (kubelet.serverTLSBootstrap && request.client !== undefined) {
      const { keepServingCertificate } = await import("../../kube/certificates/serving.ts");
      const manager = await keepServingCertificate({
        client: request.client,
        directory: options.certDir,
        nodeName: options.nodeName,
        addresses: request.addresses,
        initial: givenPair(files, credentials),
        clock,
        log: log.child({ certificate: "server" }),
        onChange(pair) {
          signed = pair;
          server.setCredentials(shown());
        },
        onFailure: () => certificate.failed(),
      });
      parts.use(manager);
      certificate.follow(() => manager.current?.notAfter);
      signed = manager.current;
      server.setCredentials(shown());
    }
    log.info({ address: bound.address, port: bound.port }, "the kubelet's API is served");
  }
  const running = parts.move();
  return { [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

function gateOf({ options, clock, log }: KubeletApiRequest, reviews: Reviews | undefined): Gate {
  const { authentication, authorization } = options.kubelet;
  const certificates = (authentication.x509.clientCAFile ?? "") !== "";
  const { webhook } = authorization;
  return {
    authenticate: createAuthentication({
      certificates,
      tokens:
        reviews !== undefined && authentication.webhook.enabled
          ? { reviews, cacheMs: milliseconds(authentication.webhook.cacheTTL) }
          : undefined,
      anonymous: authentication.anonymous.enabled,
      clock,
      log,
    }),
    authorize:
      authorization.mode === "AlwaysAllow" || reviews === undefined
        ? alwaysAllow
        : webhookAuthorization({
            reviews,
            node: options.nodeName,
            allowedMs: milliseconds(webhook.cacheAuthorizedTTL),
            deniedMs: milliseconds(webhook.cacheUnauthorizedTTL),
            clock,
          }),
  };
}

function obstacle(
  { authentication, authorization, serverTLSBootstrap }: KubeletConfiguration,
  hasServer: boolean,
): NodeletError | undefined {
  const certificates = (authentication.x509.clientCAFile ?? "") !== "";
  if (serverTLSBootstrap && !hasServer) {
    return new NodeletError("invalid", "It asks an API server, and there is none", {
      where: "serverTLSBootstrap",
      fix: "Set --kubeconfig, or leave it out: a certificate is made here then",
    });
  }
  if (authorization.mode === "Webhook" && !hasServer) {
    return new NodeletError("invalid", "Webhook asks an API server, and there is none", {
      where: "authorization.mode",
      fix: "Set AlwaysAllow, or --kubeconfig",
    });
  }
  if (!certificates && !authentication.anonymous.enabled && !(hasServer && authentication.webhook.enabled)) {
    return new NodeletError("invalid", "There is no way to know who comes", {
      where: "authentication",
      fix: "Set authentication.x509.clientCAFile, or --kubeconfig for tokens",
    });
  }
  return undefined;
}

async function credentialFiles({ options, addresses, clock }: PreparationRequest): Promise<CredentialFiles> {
  const { tlsCertFile = "", tlsPrivateKeyFile = "", authentication } = options.kubelet;
  const clientCaFile = authentication.x509.clientCAFile ?? "";
  if (tlsCertFile !== "") return { certFile: tlsCertFile, keyFile: tlsPrivateKeyFile, clientCaFile };
  // None is shown until the API server has signed one, as who verifies it would refuse any other.
  if (options.kubelet.serverTLSBootstrap) return { certFile: "", keyFile: "", clientCaFile };
  const names = [...new Set([options.nodeName, hostname().toLowerCase(), "localhost", "127.0.0.1", ...addresses()])];
  const now = Number(clock.now() / 1_000_000n);
  const { ownPair } = await import("../../server/kubelet/self-signed.ts");
  return { ...(await ownPair(options.certDir, names, now)), clientCaFile };
}

function givenPair({ certFile }: CredentialFiles, { cert, key }: Credentials): KeyPair | undefined {
  return certFile === "" ? undefined : parsePair(`${cert ?? ""}\n${key ?? ""}`, certFile);
}

/** The flags in effect that are no fields of the configuration. */
function shownFlags(options: AgentOptions): Record<string, unknown> {
  const { kubelet: _kubelet, givenFields: _given, flagsWithoutEffect: _without, ...own } = options;
  return own;
}
