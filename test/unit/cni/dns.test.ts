import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import t from "tap";
import { onlyLoopback, parseResolvConf, readResolvConf } from "../../../cni/dns.ts";

void t.test("resolv.conf", async (t) => {
  t.same(
    parseResolvConf(
      [
        "# made by hand",
        "; also a comment",
        "domain old.example",
        "search one.example two.example. .",
        "nameserver 192.0.2.53 # the first",
        "nameserver\t2001:db8::53",
        "nameserver fe80::1%eth0",
        "nameserver 192.0.2.53",
        "options ndots:2 edns0",
        "options ndots:2 timeout:1",
        "sortlist 130.155.160.0",
      ].join("\n"),
    ),
    {
      nameservers: ["192.0.2.53", "2001:db8::53", "fe80::1%eth0"],
      searches: ["one.example", "two.example"],
      options: ["ndots:2", "edns0", "timeout:1"],
    },
  );
});

void t.test("the last of search and domain wins", async (t) => {
  t.same(parseResolvConf("search a b\ndomain c d").searches, ["c"]);
  t.same(parseResolvConf("domain c\nsearch a b").searches, ["a", "b"]);
  t.same(parseResolvConf("search a\nsearch").searches, []);
});

void t.test("what makes no sense is passed over", async (t) => {
  t.same(parseResolvConf(""), { nameservers: [], searches: [], options: [] });
  const text = [
    "nameserver",
    "nameserver example.com",
    " nameserver 192.0.2.1",
    "nameservers 192.0.2.2",
    "nameserver 192.0.2.3\u0000",
    "search a\u0007b",
    "\u0000\u0001",
    "nameserver 192.0.2.4\r",
  ].join("\n");
  t.same(parseResolvConf(text), { nameservers: ["192.0.2.4"], searches: [], options: [] });
});

void t.test("name servers of the host's own", async (t) => {
  const of = (...nameservers: string[]) => onlyLoopback({ nameservers, searches: [], options: [] });
  t.ok(of("127.0.0.53"));
  t.ok(of("127.0.0.1", "::1"));
  t.notOk(of("127.0.0.53", "192.0.2.1"));
  t.notOk(of());
});

void t.test("the file is read with bounds", async (t) => {
  const directory = t.testdir({ "resolv.conf": "nameserver 192.0.2.1\n" });
  t.same(readResolvConf(join(directory, "resolv.conf")).nameservers, ["192.0.2.1"]);
  t.same(readResolvConf(join(directory, "missing")).nameservers, []);
  mkdirSync(join(directory, "dir"));
  t.throws(() => readResolvConf(join(directory, "dir")), { code: "invalid", message: /no regular file/ });
  writeFileSync(join(directory, "large"), "#".repeat(65 * 1024));
  t.throws(() => readResolvConf(join(directory, "large")), { code: "invalid", message: /has 66560 bytes/ });
  t.throws(() => readResolvConf(join(directory, "resolv.conf", "x")), { code: "internal" });
});
