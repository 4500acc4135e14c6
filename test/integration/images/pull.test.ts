// Pulling from Debian's docker-registry: names, digests, platforms, compressions, credentials, TLS, configuration files.
// time limit: 240 s

import { execFile } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { test } from "tap";

import { describeError } from "../../../agent/base/errors.ts";
import { buildImage, type ImageSource } from "../../../scripts/lib/oci-layout.ts";
import { basic, DebianRegistry } from "../../fixtures/registry.ts";
import { startProxy } from "../../fixtures/proxy.ts";
import { ScriptedRegistry } from "../../fixtures/scripted-registry.ts";
import { startTokenServer } from "../../fixtures/token-server.ts";
import { describeImage, leftovers, openImages, scratch } from "./support.ts";

const run = promisify(execFile);

const file = (name: string, content: string): { name: string; content: string } => ({ name, content });

const image = (text: string, more: Partial<ImageSource> = {}): ImageSource => ({
  layers: [{ tar: [file("base", "of all")] }, { tar: [file("text", text)] }],
  ...more,
});

const message = async (work: Promise<unknown>): Promise<string> =>
  describeError(await work.catch((error: unknown) => error));

test("tags, digests, compressions, platforms", async (t) => {
  const directory = scratch(t);
  await using registry = await DebianRegistry.start(join(directory, "registry"));
  const { images, directory: stateDir } = await openImages(t, directory);
  const name = `${registry.address}/team/web`;

  const first = await registry.push("team/web", "1", image("one"));
  const pulled = await images.pull(`${name}:1`);
  t.equal(pulled.id, first.config.digest);
  t.strictSame(pulled.tags, [`${name}:1`]);
  t.strictSame(pulled.digests, [`${name}@${first.manifest.digest}`]);
  t.ok(describeImage(images, pulled.id).some((line) => line.startsWith("/text 100644")));

  const second = await registry.push("team/web", "1", image("two"));
  const moved = await images.pull(`${name}:1`);
  t.equal(moved.id, second.config.digest, "a tag that moved brings the other image");
  t.strictSame(images.find(first.config.digest)?.tags, [], "the old one lost its tag");
  t.strictSame(images.find(first.config.digest)?.digests, [`${name}@${first.manifest.digest}`]);
  t.equal((await images.pull(`${name}:1`)).id, moved.id, "a tag that did not move brings nothing");

  const third = await registry.push("team/web", "3", image("three"));
  const byDigest = await images.pull(`${name}@${third.manifest.digest}`);
  t.strictSame([byDigest.tags, byDigest.digests], [[], [`${name}@${third.manifest.digest}`]]);
  const both = await images.pull(`${name}:any@${third.manifest.digest}`);
  t.strictSame([both.id, both.tags], [byDigest.id, []], "a digest says which; the tag beside it is not recorded");

  for (const compression of ["none", "gzip", "zstd"] as const) {
    const layers = [{ tar: [file("f", compression)], compression }];
    const written = await registry.push("team/kinds", compression, { layers });
    const found = await images.pull(`${registry.address}/team/kinds:${compression}`);
    t.equal(found.id, written.config.digest, compression);
  }

  const docker = "application/vnd.docker.distribution.manifest.v2+json";
  const built = buildImage({
    layers: [{ tar: [file("f", "docker")], mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" }],
  });
  const config = { ...built.image.config, mediaType: "application/vnd.docker.container.image.v1+json" };
  for (const { blob, data } of built.blobs.slice(1)) await registry.pushBlob("team/docker", data, blob.digest);
  const layers = built.image.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size }));
  await registry.pushManifest(
    "team/docker",
    "latest",
    Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: docker, config, layers })),
    docker,
  );
  t.equal((await images.pull(`${registry.address}/team/docker`)).id, config.digest, "Docker's schema 2");

  for (const type of [
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
  ]) {
    const repository = type.includes("docker") ? "team/list" : "team/index";
    const kind = type.includes("docker") ? { mediaType: "application/vnd.docker.image.rootfs.diff.tar.gzip" } : {};
    const of = (architecture: string): ImageSource => ({
      architecture,
      layers: [{ tar: [file("arch", architecture + repository)], ...kind }],
    });
    const [amd64, arm64] = await registry.pushIndex(repository, "1", [of("amd64"), of("arm64")], type);
    const wanted = process.arch === "arm64" ? arm64 : amd64;
    const other = process.arch === "arm64" ? "linux/amd64" : "linux/arm64";
    const chosen = await images.pull(`${registry.address}/${repository}:1`);
    t.equal(chosen.id, wanted!.config.digest, "the host's platform");
    t.notSame(
      chosen.digests,
      [`${registry.address}/${repository}@${wanted!.manifest.digest}`],
      "the digest is the index's",
    );
    t.equal(
      (await images.pull(`${registry.address}/${repository}:1`, { platform: other })).architecture,
      other.slice(6),
    );
    t.match(
      await message(images.pull(`${registry.address}/${repository}:1`, { platform: "linux/riscv64" })),
      /no image for linux\/riscv64: it has linux\/amd64, linux\/arm64/,
    );
  }

  t.match(await message(images.pull(`${name}:gone`)), /404.*manifest unknown/i);
  t.match(await message(images.pull("team/Upper")), /lower case/);
  for (const { id } of images.list()) await images.remove(id, { force: true });
  t.strictSame(leftovers(stateDir), [], "nothing stays");
});

test("credentials: basic, of the caller, of config.json, of helpers", async (t) => {
  const directory = scratch(t);
  await using registry = await DebianRegistry.start(join(directory, "registry"), { users: { alice: "secret:1" } });
  await registry.push("a/b", "1", image("x"));
  const reference = `${registry.address}/a/b:1`;
  const config = join(directory, "config.json");
  const { images } = await openImages(t, directory, { registry: { credentialFiles: [config] } });

  t.match(await message(images.pull(reference)), /asks for credentials.*--creds-file/);
  t.match(
    await message(images.pull(reference, { auth: { username: "alice", password: "wrong" } })),
    /refuses the credentials/,
  );
  const auth = Buffer.from("alice:secret:1").toString("base64");
  const good: [string, Parameters<typeof images.pull>[1]][] = [
    ["user and password", { auth: { username: "alice", password: "secret:1" } }],
    ["auth", { auth: { auth } }],
    ["for this registry", { auth: { auth, serverAddress: `http://${registry.address}/v2/` } }],
  ];
  for (const [what, options] of good) {
    t.ok(await images.pull(reference, options), what);
    await images.remove(reference);
  }
  const elsewhere = { auth, serverAddress: "registry.example" };
  t.match(
    await message(images.pull(reference, { auth: elsewhere })),
    /asks for credentials/,
    "those of another registry are not sent",
  );

  writeFileSync(config, JSON.stringify({ auths: { [registry.address]: { auth } } }));
  t.ok(await images.pull(reference), "config.json");
  await images.remove(reference);
  writeFileSync(
    config,
    JSON.stringify({ auths: { [`http://${registry.address}/a`]: { auth }, [registry.address]: { auth: "eDp5" } } }),
  );
  t.ok(await images.pull(reference), "the longer key counts");
  await images.remove(reference);
  writeFileSync(config, "{ no");
  t.match(await message(images.pull(reference)), /config\.json: It is not JSON/);

  const programs = join(directory, "bin");
  mkdirSync(programs);
  const helper = (name: string, script: string): void => {
    const path = join(programs, `docker-credential-${name}`);
    writeFileSync(path, `#!/bin/sh\n[ "$1" = get ] || exit 9\nread server\n${script}\n`);
    chmodSync(path, 0o755);
  };
  helper("good", `[ "$server" = "${registry.address}" ] && echo '{"Username":"alice","Secret":"secret:1"}'`);
  helper("empty", `echo "credentials not found in native keychain"; exit 1`);
  helper("broken", `echo "the keyring is locked"; exit 3`);
  helper(
    "endless",
    `while :; do echo yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy; done`,
  );
  const before = process.env["PATH"];
  process.env["PATH"] = `${programs}:${before}`;
  t.teardown(() => (process.env["PATH"] = before));
  // A process of its own for each, as it takes the environment that the daemon has.
  const cases: [object, RegExp | undefined][] = [
    [{ credHelpers: { [registry.address]: "good" } }, undefined],
    [{ credsStore: "good" }, undefined],
    [{ credsStore: "empty" }, /asks for credentials/],
    [{ credsStore: "broken" }, /docker-credential-broken ended with 3: .*the keyring is locked/],
    [{ credsStore: "endless" }, /answers without end/],
    [{ credsStore: "absent" }, /no docker-credential-absent on the PATH/],
    [{ credsStore: "../../bin/sh" }, /no name of a credential helper/],
  ];
  for (const [index, [content, error]] of cases.entries()) {
    writeFileSync(config, JSON.stringify(content));
    const opened = await openImages(t, join(directory, `helper-${index}`), { registry: { credentialFiles: [config] } });
    if (error === undefined) t.ok(await opened.images.pull(reference), JSON.stringify(content));
    else t.match(await message(opened.images.pull(reference)), error);
    await opened.close();
  }
});

test("tokens: anonymous, for a user, by an identity token", async (t) => {
  const directory = scratch(t);
  await using tokens = await startTokenServer(directory, { bob: "builder" });
  await using registry = await DebianRegistry.start(join(directory, "registry"), { token: tokens.settings });
  const push = { authorization: `Bearer ${tokens.issue("open/image:pull,push closed/image:pull,push")}` };
  await registry.push("open/image", "1", image("open"), push);
  await registry.push("closed/image", "1", image("closed"), push);
  const { images } = await openImages(t, directory);

  t.ok(await images.pull(`${registry.address}/open/image:1`), "anonymous");
  t.match(await message(images.pull(`${registry.address}/closed/image:1`)), /asks for credentials|refuses/);
  t.ok(await images.pull(`${registry.address}/closed/image:1`, { auth: { username: "bob", password: "builder" } }));
  t.match(tokens.requests.at(-1), { method: "GET", authorization: basic("bob", "builder"), account: "bob" });
  await images.remove(`${registry.address}/closed/image:1`);
  t.match(
    await message(images.pull(`${registry.address}/closed/image:1`, { auth: { username: "bob", password: "no" } })),
    /refuses to give a token/,
  );
  t.ok(await images.pull(`${registry.address}/closed/image:1`, { auth: { identityToken: "refresh-bob" } }));
  t.match(tokens.requests.at(-1), { method: "POST", authorization: undefined });
  await images.remove(`${registry.address}/closed/image:1`);
  const registryToken = tokens.issue("closed/image:pull");
  t.ok(await images.pull(`${registry.address}/closed/image:1`, { auth: { registryToken } }), "a token of the caller");
});

test("TLS with a private authority, client certificates, mirrors", async (t) => {
  const directory = scratch(t);
  const keys = join(directory, "keys");
  mkdirSync(keys);
  const openssl = (...args: string[]): Promise<unknown> => run("openssl", args, { cwd: keys });
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2"];
  await openssl("req", "-x509", ...key, "-subj", "/CN=test CA", "-keyout", "ca.key", "-out", "ca.crt");
  for (const name of ["server", "client"]) {
    await openssl("req", ...key.slice(0, -2), "-subj", `/CN=${name}`, "-keyout", `${name}.key`, "-out", `${name}.csr`);
    writeFileSync(join(keys, `${name}.ext`), "subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:registry.invalid\n");
    const out = ["-out", `${name}.crt`, "-extfile", `${name}.ext`, "-days", "2"];
    await openssl("x509", "-req", "-in", `${name}.csr`, "-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", ...out);
  }
  const at = (name: string): string => join(keys, name);
  const tls = { certificate: at("server.crt"), key: at("server.key") };
  await using registry = await DebianRegistry.start(join(directory, "registry"), { tls });
  await registry.push("a/b", "1", image("tls"));
  const reference = `${registry.address}/a/b:1`;
  const certs = join(directory, "certs.d");
  const host = (name: string, text: string): void => {
    mkdirSync(join(certs, name), { recursive: true });
    writeFileSync(join(certs, name, "hosts.toml"), text);
  };
  const { images } = await openImages(t, directory, { registry: { configPaths: [join(directory, "none"), certs] } });
  const name = registry.address.replace(":", "_") + "_";

  const tried = async (what: string, toml: string, error?: RegExp): Promise<void> => {
    host(name, toml);
    if (error !== undefined) t.match(await message(images.pull(reference)), error, what);
    else {
      t.ok(await images.pull(reference), what);
      await images.remove(reference);
    }
  };
  await tried("an unknown authority", `server = "https://${registry.address}"`, /TLS connection.*certs\.d/s);
  await tried("ca", `server = "https://${registry.address}"\nca = ["${at("ca.crt")}"]`);
  await tried("skip_verify", `server = "https://${registry.address}"\nskip_verify = true`);
  await tried(
    "another host's name",
    `server = "https://localhost:${registry.address.split(":")[1]}"\nca = "${at("ca.crt")}"`,
  );
  await tried("plain HTTP to TLS", `server = "http://${registry.address}"`, /400|HTTP/);
  await tried("a file that is not there", `ca = "nothing.crt"`, /nothing\.crt: There is no such file/);
  await tried("no TOML", `server = `, /hosts\.toml:1/);
  await tried(
    "a mirror that is not there, then the registry",
    `server = "https://${registry.address}"\nca = "${at("ca.crt")}"\n[host."http://127.0.0.1:1"]`,
  );

  // Docker's layout: certificates alone.
  const docker = join(directory, "docker-certs");
  mkdirSync(join(docker, registry.address), { recursive: true });
  await run("cp", [at("ca.crt"), join(docker, registry.address, "ca.crt")]);
  const plain = await openImages(t, join(directory, "docker"), { registry: { configPaths: [docker] } });
  t.ok(await plain.images.pull(reference), "a certificate beside nothing else");

  // Names that only the proxy knows. The puller process has the environment that the daemon has.
  const [address = "", port = ""] = registry.address.split(":");
  await using proxy = await startProxy(address, Number(port));
  await using plainRegistry = await ScriptedRegistry.start();
  plainRegistry.add("a/b", "1", image("plain"));
  const [, plainPort = ""] = plainRegistry.address.split(":");
  await using plainProxy = await startProxy("127.0.0.1", Number(plainPort));
  const before = { ...process.env };
  process.env["HTTPS_PROXY"] = proxy.url;
  process.env["HTTP_PROXY"] = plainProxy.url;
  t.teardown(() => (process.env = before));
  const proxied = await openImages(t, join(directory, "proxied"), { registry: { configPaths: [certs] } });
  host("registry.invalid", `ca = "${at("ca.crt")}"`);
  t.ok(await proxied.images.pull("registry.invalid/a/b:1"), "TLS through a proxy");
  t.match(proxy.seen, [`CONNECT registry.invalid:443 ${basic("user", "pass")}`]);
  await proxied.images.remove("registry.invalid/a/b:1");
  host("registry.invalid", `server = "http://registry.invalid"`);
  t.ok(await proxied.images.pull("registry.invalid/a/b:1"), "plain HTTP through a proxy");
  t.match(plainProxy.seen[0], `GET http://registry.invalid/v2/a/b/manifests/1 ${basic("user", "pass")}`);
  t.ok(await proxied.images.pull(`${plainRegistry.address}/a/b:1`), "this machine is asked straight");
  t.notMatch(plainProxy.seen.join(), plainRegistry.address);
  process.env = before;

  // A mirror of another registry, which wants a client certificate.
  await using mirror = await DebianRegistry.start(join(directory, "mirror"), {
    tls: { ...tls, clientCa: at("ca.crt") },
  }).catch(() => {
    throw new Error("the registry with client certificates did not start");
  });
  const through = async (what: string, toml: string, error?: RegExp): Promise<void> => {
    host("registry.invalid", toml);
    const work = images.pull("registry.invalid/a/b:1");
    if (error === undefined) t.equal((await work).tags[0], "registry.invalid/a/b:1", what);
    else t.match(await message(work), error, what);
  };
  await through(
    "a mirror alone",
    `server = "https://registry.invalid"\n[host."https://${registry.address}"]\nca = "${at("ca.crt")}"\ncapabilities = ["pull", "resolve"]`,
  );
  await images.remove("registry.invalid/a/b:1");
  await through(
    "a mirror that may not resolve tags",
    `server = "https://registry.invalid"\n[host."https://${registry.address}"]\nca = "${at("ca.crt")}"\ncapabilities = ["pull"]`,
    /no host registry\.invalid/,
  );
  await through(
    "no client certificate",
    `server = "https://${mirror.address}"\nca = "${at("ca.crt")}"`,
    /TLS|connection/,
  );
  await through(
    "with one it gets as far as the names that are there",
    `server = "https://${mirror.address}"\nca = "${at("ca.crt")}"\nclient = [["${at("client.crt")}", "${at("client.key")}"]]`,
    /404/,
  );
  await through(
    "a path of its own",
    `[host."https://${registry.address}/v2"]\nca = "${at("ca.crt")}"\noverride_path = true\n[host."https://${registry.address}/v2".header]\nx-test = ["1"]`,
  );
});
