import { test } from "tap";
import { isLocalHost, isLoopbackHost } from "../../../../agent/images/registry/addresses.ts";
import { checkTarget } from "../../../../agent/images/registry/follow.ts";

test("where a registry may send us", (t) => {
  const to = (location: string | undefined, from: string): string => {
    try {
      return checkTarget(location, new URL(from), new URL(from)).href;
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const secure = "https://registry.example/v2/a/blobs/x";
  const plain = "http://registry.example/v2/a/blobs/x";
  const here = "http://127.0.0.1:5000/v2/a/blobs/x";
  const cases: [string, string | undefined, string][] = [
    [secure, undefined, "invalid"],
    [secure, "https://[bad", "invalid"],
    [secure, "/other?x=1#y", "https://registry.example/other?x=1"],
    [secure, "https://cdn.example/x", "https://cdn.example/x"],
    [secure, "https://user:pass@cdn.example/x", "https://cdn.example/x"],
    [secure, "http://registry.example/x", "denied"],
    [secure, "http://cdn.example/x", "denied"],
    [secure, "ftp://cdn.example/x", "denied"],
    [secure, "https://127.0.0.1/x", "denied"],
    [secure, "https://localhost/x", "denied"],
    [secure, "https://2130706433/x", "denied"], // 127.0.0.1 as one number
    [secure, "https://0x7f.1/x", "denied"],
    [secure, "https://[::1]/x", "denied"],
    [secure, "https://[::ffff:127.0.0.1]/x", "denied"],
    [secure, "https://169.254.169.254/latest/meta-data", "denied"],
    [secure, "https://[fe80::1]/x", "denied"],
    [secure, "https://0.0.0.0/x", "denied"],
    [secure, "https://10.1.2.3/x", "https://10.1.2.3/x"],
    [plain, "http://cdn.example/x", "http://cdn.example/x"],
    [plain, "https://cdn.example/x", "https://cdn.example/x"],
    [plain, "http://127.0.0.1:8080/x", "denied"],
    [here, "http://127.0.0.1:6000/x", "http://127.0.0.1:6000/x"],
    [here, "http://localhost:6000/x", "http://localhost:6000/x"],
  ];
  for (const [from, location, expected] of cases) t.equal(to(location, from), expected, `${from} to ${location}`);
  t.end();
});

test("this machine", (t) => {
  for (const host of [
    "localhost",
    "LOCALHOST",
    "a.localhost",
    "127.8.9.1",
    "::1",
    "[::1]",
    "::ffff:127.0.0.1",
    "localhost.",
  ]) {
    t.ok(isLoopbackHost(host), host);
  }
  for (const host of ["localhost.example", "128.0.0.1", "::2", "169.254.1.1", ""]) t.notOk(isLoopbackHost(host), host);
  for (const host of ["169.254.169.254", "0.0.0.0", "fe80::1", "::", "::ffff:169.254.169.254"])
    t.ok(isLocalHost(host), host);
  t.end();
});
