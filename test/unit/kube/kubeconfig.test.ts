import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";

import { loadKubeconfig, parseKubeconfig } from "../../../agent/kube/kubeconfig.ts";

const PEM = "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n";
const DATA = Buffer.from(PEM).toString("base64");

interface Parts {
  readonly cluster?: object;
  readonly user?: object | undefined;
  readonly more?: object;
}

async function parse({ cluster = {}, user = {}, more = {} }: Parts): ReturnType<typeof parseKubeconfig> {
  const config = {
    apiVersion: "v1",
    kind: "Config",
    preferences: {},
    clusters: [{ name: "other" }, { name: "c", cluster: { server: "https://10.0.0.1:6443", ...cluster } }],
    users: [{ name: "u", user }],
    contexts: [{ name: "x", context: { cluster: "c", user: "u", namespace: "n" } }],
    "current-context": "x",
    ...more,
  };
  return await parseKubeconfig(JSON.stringify(config), "/etc/k/config");
}

t.test("what stands in it", async (t) => {
  const { endpoint, user } = await parse({
    cluster: { "certificate-authority-data": DATA, "tls-server-name": "api", "proxy-url": "http://proxy:3128" },
    user: {
      "client-certificate": "pki/a.pem",
      "client-key-data": DATA,
      tokenFile: "/t",
      username: "me",
      password: "p",
    },
  });
  t.match(endpoint, { ca: PEM, skipVerify: false, serverName: "api" });
  t.equal(endpoint.server.href, "https://10.0.0.1:6443/");
  t.equal(endpoint.proxy?.href, "http://proxy:3128/");
  t.match(user, {
    certificate: { file: "/etc/k/pki/a.pem" },
    key: { data: PEM },
    token: undefined,
    tokenFile: "/t",
    username: "me",
    password: "p",
  });
});

t.test("a plugin", async (t) => {
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "bin/get",
    args: ["a"],
    env: [{ name: "A", value: "b" }],
  };
  t.match((await parse({ user: { exec } })).user.exec, {
    command: "/etc/k/bin/get",
    args: ["a"],
    env: [{ name: "A", value: "b" }],
    provideClusterInfo: false,
  });
  t.equal((await parse({ user: { exec: { ...exec, command: "get" } } })).user.exec?.command, "get", "from PATH");
});

t.test("a server without a scheme, as kubectl takes it; a context without a user", async (t) => {
  t.equal((await parse({ cluster: { server: "10.0.0.1:6443" } })).endpoint.server.href, "https://10.0.0.1:6443/");
  const { user } = await parse({ more: { contexts: [{ name: "x", context: { cluster: "c" } }] } });
  t.strictSame(
    Object.values(user).filter((value) => value !== undefined),
    [],
  );
});

t.test("what is wrong is told with file and field", async (t) => {
  const where = (field: string): string => `/etc/k/config: ${field}`;
  const exec = { apiVersion: "client.authentication.k8s.io/v1", command: "x" };
  for (const [parts, field, message] of [
    [{ more: { "current-context": "" } }, '["current-context"]', /missing/],
    [{ more: { "current-context": "y" } }, '["current-context"]', /no context "y"/],
    [
      { more: { contexts: [{ name: "x", context: { cluster: "z", user: "u" } }] } },
      "contexts[0].context.cluster",
      /no cluster "z"/,
    ],
    [{ more: { users: [] } }, "contexts[0].context.user", /no user "u"/],
    [{ more: { users: {} } }, "users", /list/],
    [{ cluster: { server: "" } }, "clusters[1].cluster.server", /missing/],
    [{ cluster: { server: "ftp://x" } }, "clusters[1].cluster.server", /not an address/],
    [{ cluster: { server: 5 } }, "clusters[1].cluster.server", /string/],
    [
      { cluster: { "insecure-skip-tls-verify": "yes" } },
      'clusters[1].cluster["insecure-skip-tls-verify"]',
      /true or false/,
    ],
    [
      { cluster: { "insecure-skip-tls-verify": true, "certificate-authority-data": DATA } },
      'clusters[1].cluster["insecure-skip-tls-verify"]',
      /Cannot be true/,
    ],
    [{ cluster: { "certificate-authority-data": "bm8=" } }, 'clusters[1].cluster["certificate-authority-data"]', /PEM/],
    [
      { cluster: { "certificate-authority": "/no/such" } },
      'clusters[1].cluster["certificate-authority"]',
      /Cannot read/,
    ],
    [{ user: { "client-certificate-data": DATA } }, 'users[0].user["client-certificate"]', /without client-key/],
    [{ user: { "auth-provider": {} } }, 'users[0].user["auth-provider"]', /not supported/],
    [{ user: { exec: { ...exec, apiVersion: "v1alpha1" } } }, "users[0].user.exec.apiVersion", /one of/],
    [{ user: { exec: { ...exec, command: "" } } }, "users[0].user.exec.command", /missing/],
    [{ user: { exec: { ...exec, interactiveMode: "Always" } } }, "users[0].user.exec.interactiveMode", /nobody/],
    [{ user: { exec: { ...exec, env: [{}] } } }, "users[0].user.exec.env[0].name", /missing/],
  ] as const) {
    await t.rejects(parse(parts), { where: where(field), message }, field);
  }
});

t.test("files: YAML, missing, broken", async (t) => {
  const directory = mkdtempSync(join(tmpdir(), "nodelet-kubeconfig-"));
  t.teardown(() => rmSync(directory, { recursive: true }));
  const path = join(directory, "config");
  await t.rejects(loadKubeconfig(path), { code: "not-found", where: path });
  writeFileSync(path, "a: [");
  await t.rejects(loadKubeconfig(path), { code: "invalid", where: new RegExp(`^${path}:1:`) });
  writeFileSync(path, "");
  await t.rejects(loadKubeconfig(path), { code: "invalid", where: path });
  writeFileSync(
    path,
    "clusters:\n- name: c\n  cluster: {server: https://h}\ncontexts:\n- name: x\n  context: {cluster: c}\ncurrent-context: x\n",
  );
  t.equal((await loadKubeconfig(path)).endpoint.server.href, "https://h/");
});
