/** What the daemon and its puller process say to each other over Node's IPC channel. */
import type { WireError } from "../unpacker-protocol.ts";
import type { Platform } from "../manifests.ts";
import type { PullCredentials } from "../images.ts";
import type { RetryPolicy } from "./retry.ts";

/** How registries are dealt with, for as long as the daemon runs. */
export interface PullerSettings {
  /** Directories of hosts.toml files, the first that has one counts. */
  readonly configPaths: readonly string[];
  /** Docker's config.json, of which the first that has credentials for a registry counts. */
  readonly credentialFiles: readonly string[];
  /** A download that brings nothing for so long is given up, and tried again. */
  readonly stallMs: number;
  readonly retry: RetryPolicy;
}

/** Which repository, and as whom. */
export interface Source {
  /** With domain and path, and a tag or a digest. */
  readonly reference: string;
  readonly auth: PullCredentials | undefined;
}

export interface ResolveRequest extends Source {
  readonly op: "resolve";
  readonly platform: Platform;
  /** Digests that the image has here: if the registry still names one of them, that is all there is to know. */
  readonly known: readonly string[];
}

export interface ResolveResult {
  /** The one of `known` that still holds; else the documents are there. */
  readonly unchanged: string | undefined;
  readonly targetDigest: string;
  readonly manifest: { readonly digest: string; readonly mediaType: string; readonly bytes: Uint8Array };
  readonly configBytes: Uint8Array;
}

export interface DownloadLayerRequest extends Source {
  readonly op: "download";
  readonly digest: string;
  readonly size: number;
  readonly path: string;
  readonly reserveBytes: number;
}

export type PullerRequest = ResolveRequest | DownloadLayerRequest;

export interface PullerResult {
  readonly resolve: ResolveResult;
  readonly download: undefined;
}

export type ToPuller =
  | { readonly kind: "settings"; readonly settings: PullerSettings }
  | { readonly kind: "start"; readonly id: number; readonly request: PullerRequest }
  | { readonly kind: "abort"; readonly id: number };

export type FromPuller =
  | { readonly kind: "progress"; readonly id: number; readonly bytes: number }
  | { readonly kind: "result"; readonly id: number; readonly result: unknown }
  | { readonly kind: "error"; readonly id: number; readonly error: WireError };
