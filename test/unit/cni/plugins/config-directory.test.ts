import { mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import t, { type Test } from "tap";
import { ConfigDirectory, type Configuration } from "../../../../cni/plugins/config-directory.ts";

const conflist = (name: string, ...types: string[]): string =>
  JSON.stringify({
    cniVersion: "1.0.0",
    name,
    plugins: types.length === 0 ? undefined : types.map((type) => ({ type })),
  });

function start(t: Test): { path: string; directory: ConfigDirectory; write: (file: string, text: string) => void } {
  const parent = mkdtempSync(join(tmpdir(), "cni-conf-"));
  const path = join(parent, "cni", "net.d");
  const directory = new ConfigDirectory(path);
  t.teardown(() => {
    directory.close();
    rmSync(parent, { recursive: true });
  });
  mkdirSync(path, { recursive: true });
  const write = (file: string, text: string): void => {
    mkdirSync(join(path, file, ".."), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  return { path, directory, write };
}

function describe(configuration: Configuration): string {
  if (configuration.kind !== "good") return configuration.kind;
  const { name, plugins } = configuration.network.config;
  return `${name}: ${plugins.map(({ type }) => type).join(" ")}`;
}

t.test("the first file in lexical order, of the known kinds", async (t) => {
  const { directory, write } = start(t);
  const read = async (): Promise<string> => describe(await directory.read());
  t.equal(await read(), "none");
  write("00-readme.txt", "x");
  mkdirSync(join(directory.path, "01-dir.conf"));
  t.equal(await read(), "none");
  write("30-c.conflist", conflist("c", "x"));
  t.equal(await read(), "c: x");
  write("20-b.json", JSON.stringify({ cniVersion: "1.0.0", name: "b", type: "y" }));
  t.equal(await read(), "b: y");
  write("10-a.conf", JSON.stringify({ cniVersion: "1.0.0", name: "a", type: "z" }));
  t.equal(await read(), "a: z");
  write("05-broken.conflist", "{");
  t.equal(await read(), "broken", "no other takes its place");
  rmSync(join(directory.path, "05-broken.conflist"));
  t.equal(await read(), "a: z");
});

t.test("plugins of files of their own", async (t) => {
  const { directory, write } = start(t);
  const read = async (): Promise<string> => describe(await directory.read());
  write("10-a.conflist", conflist("a"));
  t.equal(await read(), "broken", "no plugins at all");
  write("a/20-second.conf", '{"type":"second"}');
  write("a/10-first.conf", '{"type":"first"}');
  write("a/30.conflist", '{"type":"no"}');
  t.equal(await read(), "a: first second");
  write("10-a.conflist", conflist("a", "inline"));
  t.equal(await read(), "a: inline first second");
  rmSync(join(directory.path, "a", "10-first.conf"));
  t.equal(await read(), "a: inline second");
  write("a/20-second.conf", "{}");
  t.equal(await read(), "broken");
  const only = JSON.stringify({ ...(JSON.parse(conflist("a", "inline")) as object), loadOnlyInlinedPlugins: true });
  write("10-a.conflist", only);
  t.equal(await read(), "a: inline");
});

t.test("the same object while nothing has changed", async (t) => {
  const { directory, path, write } = start(t);
  write("10-a.conflist", conflist("a", "x"));
  const first = await directory.read();
  t.equal(await directory.read(), first);
  write("10-a.conflist", conflist("a", "x"));
  t.equal(await directory.read(), first, "written again with the same text");
  write("new", conflist("a", "y"));
  renameSync(join(path, "new"), join(path, "10-a.conflist"));
  t.equal(describe(await directory.read()), "a: y");
});

t.test("changes are told, also when the directory is removed and made again", async (t) => {
  const { directory, path, write } = start(t);
  const alive = setInterval(() => undefined, 1_000); // a watch alone keeps no process
  t.teardown(() => clearInterval(alive));
  let told = Promise.withResolvers<void>();
  directory.watch(() => told.resolve());
  const next = async (): Promise<string> => {
    await told.promise;
    told = Promise.withResolvers<void>();
    return describe(await directory.read());
  };
  const becomes = async (expected: string): Promise<void> => {
    while ((await next()) !== expected);
    t.pass(expected);
  };
  await directory.read();
  write("10-a.conflist", conflist("a", "x"));
  await becomes("a: x");
  write("a/20.conf", '{"type":"y"}');
  await becomes("a: x y");
  write("a/20.conf", '{"type":"z"}');
  await becomes("a: x z");
  rmSync(path, { recursive: true });
  await becomes("none");
  write("10-b.conflist", conflist("b", "x"));
  await becomes("b: x");
  rmSync(join(path, ".."), { recursive: true });
  await becomes("none");
  write("10-c.conflist", conflist("c", "x"));
  await becomes("c: x");
});
