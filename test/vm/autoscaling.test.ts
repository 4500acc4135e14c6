// time limit: 2400 s
// needs built: metrics-server, etcd, kubernetes/kube-apiserver, kubernetes/kube-controller-manager, kubernetes/kube-scheduler, kubernetes/kubectl
// What is built needs the outer network, what runs has its own: autoscaling.cases.ts.

import { buildTools, goObstacle } from "../conformance/tools/build.ts";
import { buildControlPlane } from "../fixtures/control-plane.ts";
import { runInOwnNetwork } from "./own-network.ts";

if (goObstacle() === undefined) {
  buildControlPlane("kube-controller-manager", "kube-scheduler", "kubectl");
  buildTools("metrics-server");
}
await runInOwnNetwork(new URL("autoscaling.cases.ts", import.meta.url).pathname);
