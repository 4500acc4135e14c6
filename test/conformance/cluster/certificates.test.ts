// time limit: 1200 s
// needs built: kubernetes/kube-controller-manager
// Certificates of nodes, by an agent and the control plane itself: signed for a minute, so that many are seen.

import { X509Certificate } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { connect } from "node:tls";

import t from "tap";

import { LEASES, PODS, SERVICE_ACCOUNTS } from "../../../agent/kube/resources.ts";
import { BUSYBOX_REF, busyboxImage } from "../../../scripts/busybox-image.ts";
import { writeOciLayout } from "../../../scripts/lib/oci-layout.ts";
import { TestAgent } from "../../fixtures/agent.ts";
import { buildControlPlane, ControlPlane, freePorts } from "../../fixtures/control-plane.ts";
import { eventually } from "../../fixtures/eventually.ts";
import { approveServing, BOOTSTRAP_GROUP, letNodesIn, signingRequests } from "../../fixtures/node-bootstrap.ts";
import { setting } from "../../fixtures/settings.ts";

const BOOTSTRAP_TOKEN = "bootstrap-of-a-test";
const BOOTSTRAP_USER = "bootstrapper";
/** Of a certificate, in the flag's form; they are dated five minutes back. */
const LIFE = "60s";
/** A certificate that is renewed is so within 24 s of its first one, as that is a tenth of its six minutes before their end. */
const QUIET_MS = 40_000;
/** A certificate has to end meanwhile. */
const LIMIT_MS = 240_000;

buildControlPlane("kube-controller-manager");
const directory = mkdtempSync(join(tmpdir(), "ndl-certificates-"));
const planeDirectory = join(directory, "plane");
const plane = await ControlPlane.start(planeDirectory, {
  authorization: "RBAC",
  controllerManager: true,
  tokens: [{ token: BOOTSTRAP_TOKEN, user: BOOTSTRAP_USER, groups: [BOOTSTRAP_GROUP] }],
  controllerManagerFlags: [`--cluster-signing-duration=${LIFE}`],
  // It talks to nobody whose certificate the cluster did not sign.
  apiServerFlags: [`--kubelet-certificate-authority=${join(planeDirectory, "pki", "ca.crt")}`],
});
t.teardown(async () => {
  await plane[Symbol.asyncDispose]();
  await rm(directory, { recursive: true, force: true });
});
const admin = await plane.client();
await letNodesIn(admin);
await eventually("the controllers", async () => {
  const { items } = await admin.list(SERVICE_ACCOUNTS, { namespace: "default" });
  return items.length > 0;
});

interface Node extends AsyncDisposable {
  readonly name: string;
  readonly agent: TestAgent;
  readonly port: number;
  configure(fields: object): void;
  /** The client certificate that the kubeconfig leads to. */
  clientCertificate(): X509Certificate;
}

async function createNode(number: number, fields: object, flags: readonly string[] = []): Promise<Node> {
  const name = `node-${number}`;
  const [port = 0] = await freePorts(1);
  const config = join(directory, `${name}.json`);
  const configure = (own: object): void => {
    const text = {
      apiVersion: "kubelet.config.k8s.io/v1beta1",
      kind: "KubeletConfiguration",
      imageGCHighThresholdPercent: 100,
      port,
      authentication: { x509: { clientCAFile: plane.ca } },
      ...own,
    };
    writeFileSync(config, JSON.stringify(text));
  };
  configure(fields);
  const certificates = join(directory, `${name}-pki`);
  const agent = await TestAgent.create(number, [
    `--bootstrap-kubeconfig=${plane.writeTokenKubeconfig("bootstrap", BOOTSTRAP_TOKEN)}`,
    `--kubeconfig=${join(directory, `${name}.conf`)}`,
    `--cert-dir=${certificates}`,
    `--hostname-override=${name}`,
    `--config=${config}`,
    ...flags,
  ]);
  return {
    name,
    agent,
    port,
    configure,
    clientCertificate: () => new X509Certificate(readFileSync(join(certificates, "kubelet-client-current.pem"))),
    [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose](),
  };
}

/** What a server shows that has a certificate of the cluster for this name; rejects for any other. */
async function shown({ port }: Node, servername: string): Promise<X509Certificate> {
  const socket = connect({ host: "127.0.0.1", port, servername, ca: readFileSync(plane.ca) });
  try {
    await new Promise<void>((resolve, reject) => {
      socket.once("secureConnect", resolve).once("error", reject);
    });
    const certificate = socket.getPeerX509Certificate();
    if (certificate === undefined) throw new Error("no certificate");
    return certificate;
  } finally {
    socket.destroy();
  }
}

const requestsOf = async (name: string) =>
  (await signingRequests(admin)).filter(({ spec }) => {
    const text = Buffer.from(spec.request, "base64")
      .toString("latin1")
      .replaceAll(/-----[^\n]*-----|\n/g, "");
    return Buffer.from(text, "base64").includes(`system:node:${name}`);
  });

const renewTime = async (name: string): Promise<string> => {
  const { spec } = await admin.get(LEASES, name, { namespace: "kube-node-lease" });
  return String(spec?.renewTime ?? "");
};
/** The node's lease is renewed from now on. */
const isHeard = async (name: string): Promise<void> => {
  const before = await renewTime(name);
  await eventually(`a renewed lease of ${name}`, async () => (await renewTime(name)) !== before, LIMIT_MS);
};

const file = await createNode(45, { rotateCertificates: true, serverTLSBootstrap: true });
t.teardown(() => file[Symbol.asyncDispose]());
const flags = await createNode(46, {}, ["--rotate-certificates", "--rotate-server-certificates"]);
t.teardown(() => flags[Symbol.asyncDispose]());
await Promise.all([file.agent.start(), flags.agent.start()]);

setting(t, "serverTLSBootstrap", "the API server signs the server's certificate, again and again", async (t) => {
  for (const node of [file, flags]) {
    await eventually(`a request of ${node.name}`, async () =>
      (await requestsOf(node.name)).some(({ spec }) => spec.signerName === "kubernetes.io/kubelet-serving"),
    );
    await t.rejects(shown(node, node.name), "nothing is shown before it is approved");
  }
  const first = new Map<Node, X509Certificate>();
  for (const node of [file, flags]) {
    const certificate = await eventually(`a certificate of ${node.name}`, async () => {
      await approveServing(admin);
      return await shown(node, node.name).catch(() => undefined);
    });
    t.match(certificate.subject, `CN=system:node:${node.name}`);
    t.ok(certificate.checkHost(node.name), "it names the node");
    t.match(certificate.subjectAltName, /IP Address:/, "and its addresses");
    await t.rejects(shown(node, "another-name"));
    first.set(node, certificate);
  }
  for (const node of [file, flags]) {
    const next = await eventually(
      `the next certificate of ${node.name}`,
      async () => {
        await approveServing(admin);
        const certificate = await shown(node, node.name).catch(() => undefined);
        return certificate !== undefined && certificate.serialNumber !== first.get(node)?.serialNumber && certificate;
      },
      LIMIT_MS,
    );
    t.notSame(next.publicKey.export({ format: "jwk" }), first.get(node)?.publicKey.export({ format: "jwk" }));
  }
  const layout = join(directory, "busybox");
  await writeOciLayout(layout, busyboxImage());
  const loaded = await file.agent.command("load", layout);
  t.equal(loaded.code, 0, loaded.err);
  await admin.create(PODS, {
    metadata: { name: "speaks", namespace: "default" },
    spec: {
      nodeName: file.name,
      automountServiceAccountToken: false,
      restartPolicy: "Never",
      tolerations: [{ operator: "Exists" }],
      containers: [{ name: "main", image: BUSYBOX_REF, command: ["echo", "through the API server"] }],
    },
  });
  const log = await eventually("its log by way of the API server", async () => {
    await approveServing(admin);
    const path = "/api/v1/namespaces/default/pods/speaks/log";
    const answer = await admin.request({ method: "GET", path }).catch(() => undefined);
    return typeof answer === "string" && answer !== "" && answer;
  });
  t.equal(log, "through the API server\n");
  await admin.delete(PODS, "speaks", { namespace: "default", gracePeriodSeconds: 0 });
});

setting(t, "rotateCertificates", "the certificate for the API server is renewed before it ends", async (t) => {
  const nodes = [file, flags];
  const first = nodes.map((node) => node.clientCertificate());
  for (const [index, node] of nodes.entries()) {
    const before = first[index];
    const ends = Date.parse(before?.validTo ?? "");
    await eventually(`the end of the first certificate of ${node.name}`, () => Date.now() > ends, LIMIT_MS);
    const current = node.clientCertificate();
    t.ok(Date.parse(current.validTo) > Date.now(), "one that is valid is there by then");
    t.match(current.subject, `CN=system:node:${node.name}`);
    await isHeard(node.name);
    const asked = await requestsOf(node.name);
    t.ok(
      asked.some(
        ({ spec }) =>
          spec.signerName === "kubernetes.io/kube-apiserver-client-kubelet" &&
          spec.username === `system:node:${node.name}`,
      ),
      "it asked as itself",
    );
  }
});

t.test("a node whose certificate ended while nobody signed comes back by its bootstrap token", async (t) => {
  await plane.kill("kube-controller-manager");
  const ends = Date.parse(file.clientCertificate().validTo);
  await eventually("the end of the certificate", () => Date.now() > ends, LIMIT_MS);
  const bootstraps = async (): Promise<number> =>
    (await requestsOf(file.name)).filter(({ spec }) => spec.username === BOOTSTRAP_USER).length;
  const before = await bootstraps();
  await eventually("a request by the token", async () => (await bootstraps()) > before, LIMIT_MS);
  await plane.restart("kube-controller-manager");
  await eventually(
    "a certificate that is valid",
    () => Date.parse(file.clientCertificate().validTo) > Date.now(),
    LIMIT_MS,
  );
  await isHeard(file.name);
  t.pass();
});

t.test("without the fields nothing is asked for, and a certificate is made here", async (t) => {
  await file.agent.signal("SIGTERM");
  file.configure({});
  await file.agent.start();
  const before = (await requestsOf(file.name)).length;
  await sleep(QUIET_MS);
  t.equal((await requestsOf(file.name)).length, before);
  await t.rejects(shown(file, file.name), { code: "SELF_SIGNED_CERT_IN_CHAIN" });
});

t.test("without an API server there is nobody to sign", async (t) => {
  const { code, err } = await file.agent.command(
    "agent",
    "--rotate-server-certificates",
    "--authorization-mode=AlwaysAllow",
    `--client-ca-file=${plane.ca}`,
    ...["root-dir", "state-dir", "run-dir", "pod-logs-dir", "container-logs-dir"].map(
      (flag) => `--${flag}=${join(directory, "alone", flag)}`,
    ),
  );
  t.equal(code, 1);
  t.match(err, /serverTLSBootstrap: It asks an API server/);
});
