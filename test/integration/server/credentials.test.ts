// The certificate that the kubelet's API shows and the CA of its clients are other files' content a minute later, without a restart.

import { copyFileSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { get } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";

import t from "tap";

import { ManualClock } from "../../../agent/base/clock.ts";
import { silentLogger } from "../../../agent/base/log.ts";
import { createAuthentication } from "../../../agent/server/kubelet/authentication.ts";
import { alwaysAllow } from "../../../agent/server/kubelet/authorization.ts";
import { followCredentials, readCredentials } from "../../../agent/server/kubelet/credentials.ts";
import { createKubeletServer } from "../../../agent/server/kubelet/server.ts";
import { TestAuthority, type IssuedFiles } from "../../fixtures/certificates.ts";
import { eventually } from "../../fixtures/eventually.ts";

const MINUTE_MS = 60_000;

const scratch = realpathSync(mkdtempSync(join(tmpdir(), "nodelet-credentials-")));
t.teardown(() => rmSync(scratch, { recursive: true, force: true }));
const authorities = [
  new TestAuthority(join(scratch, "first"), "first"),
  new TestAuthority(join(scratch, "second"), "second"),
] as const;
const [first, second] = authorities.map((authority) => ({
  ca: authority.certificate,
  server: authority.issue("server", { subject: "/CN=server", names: ["IP:127.0.0.1"] }),
  client: authority.issue("client", { subject: "/CN=ann" }),
}));
if (first === undefined || second === undefined) throw new Error("there are two");

const files = {
  certFile: join(scratch, "tls.crt"),
  keyFile: join(scratch, "tls.key"),
  clientCaFile: join(scratch, "clients.crt"),
};
const put = ({ ca, server }: typeof first): void => {
  copyFileSync(server.certificate, files.certFile);
  copyFileSync(server.key, files.keyFile);
  copyFileSync(ca, files.clientCaFile);
};
put(first);

const clock = new ManualClock();
const ended = new AbortController();
const credentials = await readCredentials(files);
const server = createKubeletServer({
  routes: [{ method: "GET", path: "/pods", handle: (call) => call.text("pods") }],
  address: "127.0.0.1",
  port: 0,
  tls: { credentials, minVersion: "TLSv1.2", ciphers: undefined, curves: undefined },
  gate: {
    authenticate: createAuthentication({
      certificates: true,
      tokens: undefined,
      anonymous: false,
      clock,
      log: silentLogger,
    }),
    authorize: alwaysAllow,
  },
  requests: undefined,
  log: silentLogger,
});
t.teardown(() => server[Symbol.asyncDispose]());
t.teardown(() => ended.abort(new Error("the test is over")));
const { port } = await server.listen();
void followCredentials(files, credentials, (renewed) => server.setCredentials(renewed), {
  clock,
  log: silentLogger,
  signal: ended.signal,
});

/** Over a connection of its own: the status, and who signed the server's certificate. */
async function ask({ certificate, key }: IssuedFiles): Promise<readonly [status: number, issuer: unknown]> {
  return await new Promise((resolve, reject) => {
    const identity = { cert: readFileSync(certificate), key: readFileSync(key) };
    get(
      { host: "127.0.0.1", port, path: "/pods", agent: false, rejectUnauthorized: false, ...identity },
      (response) => {
        const issuer = (response.socket as TLSSocket).getPeerCertificate().issuer.CN;
        response.resume().on("end", () => resolve([response.statusCode ?? 0, issuer]));
      },
    ).on("error", reject);
  });
}

/** A minute goes by, and the files were looked at. */
async function later(): Promise<void> {
  await eventually("it waits to look at the files", () => clock.sleeping === 1);
  await clock.advance(MINUTE_MS);
  await eventually("it has looked at the files", () => clock.sleeping === 1);
}

t.test("another certificate, and another CA", async (t) => {
  t.same(await ask(first.client), [200, "first"]);
  t.same(await ask(second.client), [401, "first"]);
  put(second);
  t.same(await ask(second.client), [401, "first"], "not looked at yet");
  await later();
  t.same(await ask(second.client), [200, "second"]);
  t.same(await ask(first.client), [401, "second"]);
});

t.test("files that do not fit leave what is in use", async (t) => {
  copyFileSync(first.server.certificate, files.certFile);
  await later();
  t.same(await ask(second.client), [200, "second"], "its key is still the other's");
  writeFileSync(files.clientCaFile, "no certificate\n");
  await later();
  t.same(await ask(second.client), [200, "second"]);
  put(first);
  await later();
  t.same(await ask(first.client), [200, "first"]);
});
