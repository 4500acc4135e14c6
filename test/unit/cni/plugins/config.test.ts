import t from "tap";
import {
  parseNetworkList,
  parsePluginText,
  parseSingle,
  withLoadedPlugins,
  withVersion,
} from "../../../../cni/plugins/config.ts";

const WHERE = "/etc/cni/net.d/10-x.conflist";
const list = (change: object): string =>
  JSON.stringify({ cniVersion: "1.0.0", name: "net", plugins: [{ type: "bridge" }], ...change });

t.test("a list", async (t) => {
  const text = list({
    disableCheck: true,
    disableGC: "True",
    plugins: [
      { type: "bridge", unknown: { a: [1] } },
      { type: "portmap", capabilities: { portMappings: true, mac: false } },
    ],
  });
  t.same(parseNetworkList(text, WHERE), {
    name: "net",
    versions: ["1.0.0"],
    disableCheck: true,
    disableGc: true,
    loadOnlyInlinedPlugins: false,
    plugins: [
      { type: "bridge", capabilities: [], raw: { type: "bridge", unknown: { a: [1] } } },
      {
        type: "portmap",
        capabilities: ["portMappings"],
        raw: { type: "portmap", capabilities: { portMappings: true, mac: false } },
      },
    ],
    text,
  });
});

t.test("the versions that are offered and known, the newest first", async (t) => {
  const versions = (change: object): readonly string[] => parseNetworkList(list(change), WHERE).versions;
  t.same(versions({ cniVersions: ["0.4.0", "1.1.0", "0.10.0", "9.0.0"] }), ["1.1.0", "1.0.0", "0.10.0", "0.4.0"]);
  t.same(versions({ cniVersion: undefined, cniVersions: ["0.4.0"] }), ["0.4.0"]);
  t.same(versions({ cniVersion: undefined }), [""], "none: as it is, which plugins read as 0.1.0");
  t.same(versions({ cniVersion: "9.0.0", cniVersions: ["1.1.0"] }), ["1.1.0"]);
  t.throws(() => versions({ cniVersion: "2.0.0" }), {
    code: "invalid",
    message: /it wants version 2\.0\.0, and 1\.1\.0 is the newest/,
    where: `${WHERE}: cniVersion`,
  });
});

t.test("a file of one plugin", async (t) => {
  const config = parseSingle(JSON.stringify({ cniVersion: "0.3.1", name: "one", type: "bridge", x: 1 }), WHERE);
  t.match(config, { name: "one", versions: ["0.3.1"], plugins: [{ type: "bridge", raw: { x: 1, name: "one" } }] });
  t.match(parseNetworkList(config.text, WHERE), {
    name: "one",
    versions: ["0.3.1"],
    plugins: [{ type: "bridge", raw: { x: 1 } }],
  });
  t.throws(() => parseSingle(list({}), WHERE), { code: "invalid", fix: "Let its name end in .conflist" });
});

t.test("plugins of files of their own", async (t) => {
  const other = parsePluginText('{"type":"tuning"}', "/etc/cni/net.d/net/20.conf");
  const config = withLoadedPlugins(parseNetworkList(list({}), WHERE), [other], WHERE);
  t.same(
    config.plugins.map(({ type }) => type),
    ["bridge", "tuning"],
  );
  t.match(parseNetworkList(config.text, WHERE), {
    loadOnlyInlinedPlugins: true,
    plugins: [{ type: "bridge" }, { type: "tuning" }],
  });
  const without = parseNetworkList(list({ plugins: undefined }), WHERE);
  t.same(withLoadedPlugins(without, [other], WHERE).plugins.length, 1);
  t.throws(() => withLoadedPlugins(without, [], WHERE), { message: /it has no plugins, and there are none in files/ });
});

t.test("one version out of several", async (t) => {
  const config = withVersion(parseNetworkList(list({ cniVersions: ["1.1.0"] }), WHERE), "1.0.0");
  t.same(config.versions, ["1.0.0"]);
  t.same(parseNetworkList(config.text, WHERE).versions, ["1.0.0"]);
  t.equal(withVersion(config, "1.0.0"), config);
});

t.test("what is wrong is named", async (t) => {
  const cases: [text: string, where: string, message: RegExp][] = [
    ["{", WHERE, /it is not JSON/],
    ["[]", WHERE, /it is not a JSON object/],
    [list({ name: undefined }), `${WHERE}: name`, /name is missing/],
    [list({ name: "" }), `${WHERE}: name`, /name is missing/],
    [list({ name: "../x" }), `${WHERE}: name`, /"\.\.\/x" cannot name a network/],
    [list({ name: "x".repeat(129) }), `${WHERE}: name`, /cannot name a network/],
    [list({ plugins: {} }), `${WHERE}: plugins`, /must be a list/],
    [list({ plugins: [] }), `${WHERE}: plugins`, /no plugin/],
    [list({ plugins: [{}] }), `${WHERE}: plugins[0].type`, /type is missing/],
    [list({ plugins: [{ type: "../../bin/sh" }] }), `${WHERE}: plugins[0].type`, /not the name of a program/],
    [
      list({ plugins: [{ type: "x", capabilities: { mac: 1 } }] }),
      `${WHERE}: plugins[0].capabilities.mac`,
      /true or false/,
    ],
    [list({ plugins: undefined, loadOnlyInlinedPlugins: true }), `${WHERE}: plugins`, /there are no plugins/],
    [list({ disableCheck: "maybe" }), `${WHERE}: disableCheck`, /true or false/],
    [list({ cniVersion: 1 }), `${WHERE}: cniVersion`, /1 is not a version/],
    [list({ cniVersions: ["x"] }), `${WHERE}: cniVersions[0]`, /"x" is not a version/],
  ];
  for (const [text, where, message] of cases) {
    t.throws(() => parseNetworkList(text, WHERE), { code: "invalid", where, message }, where);
  }
});
