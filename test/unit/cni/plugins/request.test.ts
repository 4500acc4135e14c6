import t from "tap";
import type { NetworkAttachment } from "../../../../cni/network.ts";
import { attachmentInput, environment, gcInput } from "../../../../cni/plugins/invocation.ts";
import { attachmentOf } from "../../../../cni/plugins/request.ts";

const REQUEST: NetworkAttachment = {
  sandboxId: "abc",
  podNamespace: "default",
  podName: "web",
  podUid: "uid-1",
  netns: "/run/netns/x",
  annotations: {},
  portMappings: [],
  dns: undefined,
  cgroupParent: "",
};

t.test("a plain pod", async (t) => {
  t.same(attachmentOf(REQUEST), {
    containerId: "abc",
    netns: "/run/netns/x",
    ifName: "eth0",
    args: [
      ["IgnoreUnknown", "1"],
      ["K8S_POD_NAMESPACE", "default"],
      ["K8S_POD_NAME", "web"],
      ["K8S_POD_INFRA_CONTAINER_ID", "abc"],
      ["K8S_POD_UID", "uid-1"],
    ],
    capabilityArgs: { "io.kubernetes.cri.pod-annotations": {} },
  });
});

t.test("capabilities", async (t) => {
  const annotations = {
    "kubernetes.io/ingress-bandwidth": "10M",
    "kubernetes.io/egress-bandwidth": "1500",
    "cni.nodelet.dev/mac": "0a:00:00:00:00:01",
    "cni.nodelet.dev/ips": '["10.1.2.3/24"]',
    "cni.nodelet.dev/ip-ranges": '[[{"subnet":"10.1.2.0/24"}]]',
    "cni.nodelet.dev/aliases": '["db"]',
    "cni.nodelet.dev/infiniband-guid": "c2:11:22:33:44:55:66:77",
    "cni.nodelet.dev/device-id": "0000:04:00.5",
  };
  const { capabilityArgs } = attachmentOf({
    ...REQUEST,
    annotations,
    portMappings: [
      { protocol: "tcp", containerPort: 80, hostPort: 8080, hostIp: "" },
      { protocol: "sctp", containerPort: 81, hostPort: 8081, hostIp: "::1" },
      { protocol: "udp", containerPort: 82, hostPort: 0, hostIp: "" },
    ],
    dns: { servers: ["10.0.0.10"], searches: ["svc"], options: [] },
    cgroupParent: "/kubepods/pod1",
  });
  t.same(capabilityArgs, {
    "io.kubernetes.cri.pod-annotations": annotations,
    portMappings: [
      { hostPort: 8080, containerPort: 80, protocol: "tcp", hostIP: "" },
      { hostPort: 8081, containerPort: 81, protocol: "sctp", hostIP: "::1" },
    ],
    bandwidth: { ingressRate: 10_000_000, ingressBurst: 4_294_967_295, egressRate: 1500, egressBurst: 4_294_967_295 },
    dns: { servers: ["10.0.0.10"], searches: ["svc"], options: [] },
    cgroupPath: "/kubepods/pod1",
    mac: "0a:00:00:00:00:01",
    ips: ["10.1.2.3/24"],
    ipRanges: [[{ subnet: "10.1.2.0/24" }]],
    aliases: ["db"],
    infinibandGUID: "c2:11:22:33:44:55:66:77",
    deviceID: "0000:04:00.5",
  });
});

t.test("what is refused", async (t) => {
  t.throws(() => attachmentOf({ ...REQUEST, podName: "a;CNI=b" }), { code: "invalid", where: "K8S_POD_NAME" });
  t.throws(() => attachmentOf({ ...REQUEST, podUid: "a\nb" }), { code: "invalid", where: "K8S_POD_UID" });
  for (const rate of ["x", "999", "2P", "-1"]) {
    t.throws(() => attachmentOf({ ...REQUEST, annotations: { "kubernetes.io/ingress-bandwidth": rate } }), {
      code: "invalid",
      where: "metadata.annotations['kubernetes.io/ingress-bandwidth']",
    });
  }
  t.throws(() => attachmentOf({ ...REQUEST, annotations: { "cni.nodelet.dev/ips": "10.1.2.3" } }), {
    code: "invalid",
    where: "metadata.annotations['cni.nodelet.dev/ips']",
  });
});

t.test("environment", async (t) => {
  const { PATH, ...rest } = environment("ADD", attachmentOf(REQUEST), ["/a", "/b"]);
  t.match(PATH, "/sbin");
  t.same(rest, {
    CNI_COMMAND: "ADD",
    CNI_CONTAINERID: "abc",
    CNI_NETNS: "/run/netns/x",
    CNI_IFNAME: "eth0",
    CNI_ARGS:
      "IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;K8S_POD_INFRA_CONTAINER_ID=abc;K8S_POD_UID=uid-1",
    CNI_PATH: "/a:/b",
  });
  t.match(environment("STATUS", undefined, ["/a"]), {
    CNI_CONTAINERID: "",
    CNI_NETNS: "",
    CNI_IFNAME: "",
    CNI_ARGS: "",
  });
});

t.test(
  "input: only what the plugin has the capability for, its own keys kept, those of the network written over",
  async (t) => {
    const raw = { type: "portmap", name: "other", cniVersion: "0.1.0", capabilities: { mac: true }, snat: true };
    const plugin = { type: "portmap", capabilities: ["mac"], raw };
    const attachment = { ...attachmentOf(REQUEST), capabilityArgs: { mac: "0a:00:00:00:00:01", ips: [] } };
    const network = { name: "net", version: "1.0.0" };
    t.same(attachmentInput(network, plugin, attachment, { cniVersion: "1.0.0" }), {
      ...raw,
      name: "net",
      cniVersion: "1.0.0",
      prevResult: { cniVersion: "1.0.0" },
      runtimeConfig: { mac: "0a:00:00:00:00:01" },
    });
    t.same(attachmentInput(network, { ...plugin, capabilities: [] }, attachment, undefined), {
      ...raw,
      name: "net",
      cniVersion: "1.0.0",
    });
    const valid = [{ containerID: "abc", ifname: "eth0" }];
    t.match(gcInput(network, plugin, valid), { "cni.dev/valid-attachments": valid, "cni.dev/attachments": valid });
  },
);
