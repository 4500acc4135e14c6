import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t from "tap";

import { systemClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { PairStore, parsePair } from "../../../agent/kube/certificates/pair-store.ts";
import { CertificateManager, rotationTime, says } from "../../../agent/kube/certificates/manager.ts";
import { CERTIFICATE_SIGNING_REQUESTS } from "../../../agent/kube/resources.ts";
import { TestAuthority } from "../../fixtures/certificates.ts";
import { TableClient } from "../../fixtures/table-client.ts";

const directory = mkdtempSync(join(tmpdir(), "nodelet-pairs-"));
t.teardown(() => rmSync(directory, { recursive: true }));
const authority = new TestAuthority(join(directory, "ca"), "test");
const text = (path: string): string => readFileSync(path, "utf8");
const one = authority.issue("one", {
  subject: "/O=system:nodes/CN=system:node:a",
  names: ["DNS:a", "IP:10.0.0.1", "IP:fd00::1"],
});
const two = authority.issue("two", { subject: "/CN=two" });

t.test("files as kubelet has them", async (t) => {
  const pki = join(directory, "pki");
  const store = new PairStore(pki, "kubelet-client");
  t.equal(await store.current(), undefined);
  await store.update(text(one.certificate), text(one.key), Date.UTC(2026, 0, 2, 3, 4, 5));
  t.equal(readlinkSync(store.currentPath), join(pki, "kubelet-client-2026-01-02-03-04-05.pem"));
  t.equal(statSync(store.currentPath).mode & 0o777, 0o600);
  await store.update(text(two.certificate), text(two.key), Date.UTC(2026, 0, 2, 3, 4, 6));
  t.match((await store.current())?.certificate, text(two.certificate).trim());
  t.strictSame(readdirSync(pki).toSorted(), [
    "kubelet-client-2026-01-02-03-04-05.pem",
    "kubelet-client-2026-01-02-03-04-06.pem",
    "kubelet-client-current.pem",
  ]);
  t.ok(lstatSync(store.currentPath).isSymbolicLink());
  writeFileSync(store.currentPath, "torn");
  await t.rejects(store.current(), { code: "invalid", where: store.currentPath });
  await t.rejects(store.update("no", text(two.key), 0), { code: "invalid" });
});

t.test("a pair says of whom and how long it is", async (t) => {
  const pair = parsePair(`${text(one.key)}${text(one.certificate)}`, "x");
  t.equal(pair.notAfter - pair.notBefore, 2 * 24 * 3_600_000);
  const content = { commonName: "system:node:a", organizations: ["system:nodes"] };
  t.ok(says(pair, content));
  t.ok(says(pair, { ...content, dnsNames: ["a"], ipAddresses: ["10.0.0.1", "fd00::1"] }));
  for (const other of [
    { commonName: "system:node:b" },
    { organizations: [] },
    { organizations: ["system:nodes", "more"] },
    { dnsNames: ["b"] },
    { ipAddresses: ["10.0.0.2"] },
    { ipAddresses: ["a"] },
  ]) {
    t.notOk(says(pair, { ...content, ...other }), JSON.stringify(other));
  }
});

t.test("it is asked for anew between 0.7 and 0.9 of its life", (t) => {
  const life = { notBefore: 1_000, notAfter: 2_000 };
  t.equal(rotationTime(life, 0), 1_700);
  t.equal(Math.round(rotationTime(life, 1)), 1_900);
  t.end();
});

t.test("while none is valid, another user asks: once the node's own can, it does", async (t) => {
  const pair = parsePair(`${text(one.key)}${text(one.certificate)}`, "x");
  const content = { commonName: "system:node:a", organizations: ["system:nodes"] };
  for (const [notAfter, expected] of [
    [pair.notAfter, { node: 1, substitute: 0, closed: 0 }],
    [0, { node: 0, substitute: 1, closed: 1 }],
  ] as const) {
    const seen = { node: 0, substitute: 0, closed: 0 };
    const asking = (who: "node" | "substitute"): TableClient => {
      const client = new TableClient();
      const certificate = Buffer.from(text(one.certificate)).toString("base64");
      client.put(CERTIFICATE_SIGNING_REQUESTS, {
        metadata: { name: "asked" },
        spec: { request: "", signerName: "" },
        status: { certificate },
      });
      client.answer = ({ verb }) => {
        if (verb !== "create") return undefined;
        seen[who]++;
        return { metadata: { name: "asked" } };
      };
      client.close = () => void seen.closed++;
      return client;
    };
    const changed = Promise.withResolvers<void>();
    await using _manager = await CertificateManager.start({
      client: asking("node"),
      substitute: async () => asking("substitute"),
      store: new PairStore(join(directory, `own-${notAfter}`), "kubelet-client"),
      signer: "kubernetes.io/kube-apiserver-client-kubelet",
      content: () => content,
      // Most of its life is over.
      initial: { ...pair, notBefore: 0, notAfter },
      clock: systemClock,
      log: silentLogger,
      onChange: () => changed.resolve(),
    });
    await changed.promise;
    t.strictSame(seen, expected);
  }
});
