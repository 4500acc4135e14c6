// time limit: 3000 s
// needs built: etcd, kubernetes/kube-apiserver, kubernetes/kube-controller-manager, kubernetes/kube-scheduler, kubernetes/kubectl, kubernetes/e2e.test
// What is built needs the outer network, what runs has its own: cluster-suite.cases.ts.

import { cachedImages } from "../conformance/images/cached.ts";
import { buildTools, goObstacle } from "../conformance/tools/build.ts";
import { buildControlPlane } from "../fixtures/control-plane.ts";
import { runInOwnNetwork } from "./own-network.ts";

if (goObstacle() === undefined) {
  buildControlPlane("kube-controller-manager", "kube-scheduler", "kubectl");
  buildTools("kubernetes", ["e2e-ginkgo", "e2e.test", "agnhost"]);
  await cachedImages("kubernetes");
}
await runInOwnNetwork(new URL("cluster-suite.cases.ts", import.meta.url).pathname);
