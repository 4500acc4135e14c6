import { test } from "tap";
import { describeError } from "../../../../agent/base/errors.ts";
import { parseHostsToml } from "../../../../agent/images/registry/hosts-toml.ts";

const path = "/etc/nodelet/certs.d/docker.io/hosts.toml";

test("a whole file", (t) => {
  const { mirrors, server } = parseHostsToml(
    `
server = "https://registry-1.docker.io"
[host."https://second.example:5000/v2/cache"]
  capabilities = ["pull"]
  ca = ["a.crt", "b.crt"]
  client = [["c.cert", "c.key"], ["d.pem", ""]]
  skip_verify = true
  override_path = true
  dial_timeout = "1m30.5s"
  [host."https://second.example:5000/v2/cache".header]
    X-One = "1"
    x-two = ["2", "3"]
[host."http://first.example"]
  client = "both.pem"
[host."bare.example"]
`,
    path,
  );
  t.equal(server.server, "https://registry-1.docker.io");
  t.strictSame([...server.capabilities], ["pull", "resolve", "push"]);
  t.strictSame(
    mirrors.map((mirror) => mirror.server),
    ["https://second.example:5000/v2/cache", "http://first.example", "https://bare.example"],
    "the order of the file",
  );
  t.match(mirrors[0], {
    ca: ["a.crt", "b.crt"],
    client: [
      { certificate: "c.cert", key: "c.key" },
      { certificate: "d.pem", key: "d.pem" },
    ],
    skipVerify: true,
    overridePath: true,
    dialTimeoutMs: 90_500,
    headers: { "x-one": ["1"], "x-two": ["2", "3"] },
  });
  t.strictSame([...mirrors[0]!.capabilities], ["pull"]);
  t.strictSame(mirrors[1]!.client, [{ certificate: "both.pem", key: "both.pem" }]);
  t.match(parseHostsToml("", path), { mirrors: [], server: { server: undefined, skipVerify: false } });
  t.end();
});

test("what is wrong", (t) => {
  const cases: [string, RegExp][] = [
    ["server = ", /hosts\.toml:1:\d+: it is no TOML/],
    ["server = 5", /server: must be a text/],
    ['server = "ftp://x"', /server: .*must be a URL/],
    ['server = "https://user:secret@x"', /must not hold a user name/],
    ["host = 1", /host: must be tables/],
    ['[host]\n"https://x" = 1', /host\."https:\/\/x": must be a table/],
    ['capabilities = ["fly"]', /capabilities: "fly" is none of/],
    ["skip_verify = 1", /skip_verify: must be true or false/],
    ["ca = 1", /ca: must be a text/],
    ['client = [["a", "b", "c"]]', /client: must be/],
    ["client = [[1]]", /client: must be/],
    ['dial_timeout = "soon"', /dial_timeout: must be a duration/],
    ["dial_timeout = 5", /dial_timeout: must be a duration/],
    ['[header]\n"a b" = "x"', /header\.a b: is no name/],
    ['[header]\nHost = "x"', /header\.Host: cannot be set/],
    ['[header]\na = "x\\r\\ny"', /header\.a: must be of one line/],
  ];
  for (const [text, expected] of cases) {
    let message = "";
    try {
      parseHostsToml(text, path);
    } catch (error) {
      message = describeError(error);
    }
    t.match(message, expected, text);
    t.match(message, path);
    t.notMatch(message, /secret/, "no password is shown");
  }
  t.end();
});
