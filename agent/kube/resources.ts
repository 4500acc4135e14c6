// The resources of API servers that nodelet speaks of: where they are, and their types.

import type {
  CoreV1Event,
  V1CertificateSigningRequest,
  V1ConfigMap,
  V1CSIDriver,
  V1CSINode,
  V1Lease,
  V1Namespace,
  V1Node,
  V1PersistentVolume,
  V1PersistentVolumeClaim,
  V1Pod,
  V1RuntimeClass,
  V1Secret,
  V1Service,
  V1ServiceAccount,
  V1SubjectAccessReview,
  V1TokenReview,
  V1VolumeAttachment,
  V1beta1ClusterTrustBundle,
} from "@kubernetes/client-node";

/** What every object has. Times are strings, as JSON has them, whatever the generated types say. */
export interface KubeObject {
  apiVersion?: string | undefined;
  kind?: string | undefined;
  metadata?:
    | {
        name?: string | undefined;
        generateName?: string | undefined;
        namespace?: string | undefined;
        uid?: string | undefined;
        resourceVersion?: string | undefined;
      }
    | undefined;
}

export interface Resource<T extends KubeObject = KubeObject> {
  /** `v1`, `coordination.k8s.io/v1`. */
  readonly apiVersion: string;
  readonly kind: string;
  /** As in URLs: `configmaps`. */
  readonly plural: string;
  readonly namespaced: boolean;
  /** Never there: it carries the type. */
  readonly object?: T;
}

function resource<T extends KubeObject>(
  apiVersion: string,
  kind: string,
  plural: string,
  namespaced = true,
): Resource<T> {
  return { apiVersion, kind, plural, namespaced };
}

const CLUSTER = false;

export const PODS = resource<V1Pod>("v1", "Pod", "pods");
export const NODES = resource<V1Node>("v1", "Node", "nodes", CLUSTER);
export const NAMESPACES = resource<V1Namespace>("v1", "Namespace", "namespaces", CLUSTER);
export const SERVICES = resource<V1Service>("v1", "Service", "services");
export const CONFIG_MAPS = resource<V1ConfigMap>("v1", "ConfigMap", "configmaps");
export const SECRETS = resource<V1Secret>("v1", "Secret", "secrets");
export const EVENTS = resource<CoreV1Event>("v1", "Event", "events");
export const SERVICE_ACCOUNTS = resource<V1ServiceAccount>("v1", "ServiceAccount", "serviceaccounts");
export const PERSISTENT_VOLUMES = resource<V1PersistentVolume>("v1", "PersistentVolume", "persistentvolumes", CLUSTER);
export const PERSISTENT_VOLUME_CLAIMS = resource<V1PersistentVolumeClaim>(
  "v1",
  "PersistentVolumeClaim",
  "persistentvolumeclaims",
);
export const LEASES = resource<V1Lease>("coordination.k8s.io/v1", "Lease", "leases");
export const RUNTIME_CLASSES = resource<V1RuntimeClass>("node.k8s.io/v1", "RuntimeClass", "runtimeclasses", CLUSTER);
export const CERTIFICATE_SIGNING_REQUESTS = resource<V1CertificateSigningRequest>(
  "certificates.k8s.io/v1",
  "CertificateSigningRequest",
  "certificatesigningrequests",
  CLUSTER,
);
export const TOKEN_REVIEWS = resource<V1TokenReview>(
  "authentication.k8s.io/v1",
  "TokenReview",
  "tokenreviews",
  CLUSTER,
);
export const SUBJECT_ACCESS_REVIEWS = resource<V1SubjectAccessReview>(
  "authorization.k8s.io/v1",
  "SubjectAccessReview",
  "subjectaccessreviews",
  CLUSTER,
);
export const CSI_NODES = resource<V1CSINode>("storage.k8s.io/v1", "CSINode", "csinodes", CLUSTER);
export const CSI_DRIVERS = resource<V1CSIDriver>("storage.k8s.io/v1", "CSIDriver", "csidrivers", CLUSTER);
export const VOLUME_ATTACHMENTS = resource<V1VolumeAttachment>(
  "storage.k8s.io/v1",
  "VolumeAttachment",
  "volumeattachments",
  CLUSTER,
);

export const CLUSTER_TRUST_BUNDLES = resource<V1beta1ClusterTrustBundle>(
  "certificates.k8s.io/v1beta1",
  "ClusterTrustBundle",
  "clustertrustbundles",
  CLUSTER,
);
/** The same as beta has it. */
export const CLUSTER_TRUST_BUNDLES_ALPHA: typeof CLUSTER_TRUST_BUNDLES = {
  ...CLUSTER_TRUST_BUNDLES,
  apiVersion: "certificates.k8s.io/v1alpha1",
};

/** The path of a collection, or of one object in it: `/api/v1/namespaces/a/pods/b/status`. */
export function resourcePath(
  resource: Pick<Resource, "apiVersion" | "plural" | "namespaced">,
  place: { namespace?: string | undefined; name?: string | undefined; subresource?: string | undefined },
): string {
  const { apiVersion, plural, namespaced } = resource;
  const parts = [apiVersion.includes("/") ? "apis" : "api", ...apiVersion.split("/")];
  if (namespaced && place.namespace !== undefined) parts.push("namespaces", place.namespace);
  parts.push(plural);
  if (place.name !== undefined) parts.push(place.name);
  if (place.subresource !== undefined) parts.push(...place.subresource.split("/"));
  return `/${parts.map(encodeURIComponent).join("/")}`;
}
