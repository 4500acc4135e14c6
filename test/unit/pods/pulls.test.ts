// Image pull policies, the reasons that a pod shows, and the waits between attempts.

import t from "tap";

import { NodeletError } from "../../../agent/base/errors.ts";
import { podText, TestNode } from "./node.ts";

const containers = (image: string, imagePullPolicy?: string): object => ({
  containers: [{ name: "main", image, ...(imagePullPolicy === undefined ? {} : { imagePullPolicy }) }],
});

t.test("a name that is none", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p", containers("team/Upper:1")) });
  await node.start();
  t.equal(node.state("p", "main"), "waiting InvalidImageName");
  t.match(node.reasons(), ["InspectFailed"]);
});

t.test("Always does not make do with what is there", async (t) => {
  const node = new TestNode(t, { "p.json": podText("p", containers("busybox:1", "Always")) });
  node.runtime.fail("pullImage", new NodeletError("unavailable", "the registry is away"));
  await node.start();
  t.equal(node.state("p", "main"), "waiting ErrImagePull");
  await node.advance(2_500);
  t.equal(node.state("p", "main"), "waiting ImagePullBackOff");
});
