import { test } from "tap";
import { parseChallenges } from "../../../../agent/images/registry/challenge.ts";

const bearer = (parameters: object): object => ({ scheme: "bearer", parameters });

test("challenges", (t) => {
  const cases: [string | undefined, object[]][] = [
    [undefined, []],
    ["", []],
    ["Basic", [{ scheme: "basic", parameters: {} }]],
    ['Basic realm="a b", charset="UTF-8"', [{ scheme: "basic", parameters: { realm: "a b", charset: "UTF-8" } }]],
    [
      'Bearer realm="https://auth.example/token",service="registry.example",scope="repository:a/b:pull,push"',
      [bearer({ realm: "https://auth.example/token", service: "registry.example", scope: "repository:a/b:pull,push" })],
    ],
    ['BEARER Realm=x , SERVICE = "y"', [bearer({ realm: "x", service: "y" })]],
    [
      'Negotiate, Basic realm="x", Bearer realm="y"',
      [{ scheme: "negotiate" }, { scheme: "basic" }, bearer({ realm: "y" })],
    ],
    [String.raw`Bearer realm="a\"b\\c"`, [bearer({ realm: String.raw`a"b\c` })]],
    ['Bearer realm="a",realm="b"', [bearer({ realm: "a" })]],
    ['Bearer realm="no end', []],
    ['Bearer realm="a" junk', [bearer({ realm: "a" })]],
    [",,, Basic ,,", [{ scheme: "basic" }]],
    ['Bearer __proto__="x"', [bearer({})]],
  ];
  for (const [header, expected] of cases) {
    const found = parseChallenges(header);
    t.equal(found.length, expected.length, String(header));
    t.match(found, expected, String(header));
  }
  t.equal(parseChallenges(`Bearer ${"a=b,".repeat(5000)}`).length, 1, "long ones end");
  t.end();
});
