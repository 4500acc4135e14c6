// time limit: 2400 s
// needs built: etcd, kubernetes/kube-apiserver, kubernetes/e2e_node.test, kubernetes/agnhost
// What is built needs the outer network, what runs has its own: node-suite.cases.ts.

import { cachedImages } from "../conformance/images/cached.ts";
import { buildTools, goObstacle } from "../conformance/tools/build.ts";
import { buildControlPlane } from "../fixtures/control-plane.ts";
import { runInOwnNetwork } from "./own-network.ts";

if (goObstacle() === undefined) {
  buildTools("kubernetes", ["e2e_node.test", "agnhost"]);
  buildControlPlane();
  await cachedImages("kubernetes");
}
await runInOwnNetwork(new URL("node-suite.cases.ts", import.meta.url).pathname);
