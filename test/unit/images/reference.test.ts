import { test } from "tap";
import {
  digestProblem,
  formatReference,
  idPrefix,
  parseReference,
  parseTag,
  withDefaultTag,
} from "../../../agent/images/reference.ts";

const DIGEST = `sha256:${"0123456789abcdef".repeat(4)}`;

test("names are completed as Docker completes them", (t) => {
  const cases: [string, string][] = [
    ["busybox", "docker.io/library/busybox:latest"],
    ["busybox:1.36", "docker.io/library/busybox:1.36"],
    ["team/web", "docker.io/team/web:latest"],
    ["docker.io/busybox", "docker.io/library/busybox:latest"],
    ["index.docker.io/library/busybox", "docker.io/library/busybox:latest"],
    ["localhost/web", "localhost/web:latest"],
    ["localhost:5000/web:2", "localhost:5000/web:2"],
    ["registry.example/a/b/c", "registry.example/a/b/c:latest"],
    ["Registry/a", "Registry/a:latest"],
    ["[::1]:5000/a", "[::1]:5000/a:latest"],
    ["[2001:db8::1]/a/b:x", "[2001:db8::1]/a/b:x"],
    ["a/b_c/d__e/f---g/h.i", "docker.io/a/b_c/d__e/f---g/h.i:latest"],
    [`busybox@${DIGEST}`, `docker.io/library/busybox@${DIGEST}`],
    [`ghcr.io/a/b:1@${DIGEST}`, `ghcr.io/a/b:1@${DIGEST}`],
  ];
  for (const [text, whole] of cases) t.equal(formatReference(withDefaultTag(parseReference(text))), whole, text);
  t.equal(parseReference("a").tag, undefined);
  t.equal(parseTag("web"), "docker.io/library/web:latest");
  t.end();
});

test("what is wrong is said", (t) => {
  const cases: [string, RegExp][] = [
    ["", /empty/],
    ["Web", /lower case/],
    ["a//b", /empty part/],
    ["/a", /empty part/],
    ["a/", /empty part/],
    ["a b", /lower-case letters/],
    ["a..b", /lower-case letters/],
    ["a___b", /lower-case letters/],
    ["-a", /lower-case letters/],
    ["web:", /nothing follows/],
    ["web:-x", /tag/],
    [`web:${"t".repeat(129)}`, /128/],
    ["web\n", /lower-case letters/],
    ["a@sha256:12", /64/],
    [`a@sha256:${"A".repeat(64)}`, /64 lower-case/],
    ["a@md5:00", /not known/],
    ["a@__proto__:00", /not known/],
    ["a@", /digest/],
    ["host:99999/a", /port/],
    ["host:x/a", /port/],
    ["-h.example/a", /host name/],
    ["[::g]/a", /IPv6/],
    ["x".repeat(256), /255/],
    ["x".repeat(5000), /characters/],
    ["registry.example/", /empty part/],
    [":tag", /no name/],
    [`@${DIGEST}`, /no name/],
  ];
  for (const [text, message] of cases)
    t.throws(() => parseReference(text), { code: "invalid", message }, JSON.stringify(text));
  t.throws(() => parseTag(`a@${DIGEST}`), /no digest/);
  t.end();
});

test("digests and ids", (t) => {
  t.equal(digestProblem(DIGEST), undefined);
  t.equal(digestProblem(`sha512:${"0".repeat(128)}`), undefined);
  t.match(digestProblem("x"), /ALGORITHM/);
  t.equal(idPrefix("01234567"), "01234567");
  t.equal(idPrefix("sha256:0123456789"), "0123456789");
  t.equal(idPrefix("0123456"), undefined, "too short");
  t.equal(idPrefix("busybox1"), undefined);
  t.equal(idPrefix(`${"0".repeat(65)}`), undefined);
  t.end();
});
