import { test } from "tap";
import { proxyFor, proxySettings } from "../../../../agent/images/registry/proxy.ts";

test("proxies of the environment", (t) => {
  const settings = proxySettings({
    http_proxy: "plain.example:3128",
    HTTPS_PROXY: "http://user:pass@secure.example:3129",
    NO_PROXY:
      "internal.example, .dot.example,*.star.example 10.0.0.0/8,192.168.1.7,[fd00::1],port.example:8443,fd01::/16",
  });
  const plain = "http://plain.example:3128";
  const secure = "http://user:pass@secure.example:3129";
  const cases: [string, string | undefined][] = [
    ["http://registry.example/", plain],
    ["https://registry.example/", secure],
    ["http://localhost:5000/", undefined],
    ["http://127.0.0.9/", undefined],
    ["https://[::1]:5000/", undefined],
    ["https://internal.example/", undefined],
    ["https://INTERNAL.example./", undefined],
    ["https://a.internal.example/", undefined],
    ["https://notinternal.example/", secure],
    ["https://dot.example/", secure],
    ["https://a.dot.example/", undefined],
    ["https://star.example/", secure],
    ["https://a.star.example/", undefined],
    ["https://10.200.3.4/", undefined],
    ["https://11.200.3.4/", secure],
    ["https://192.168.1.7/", undefined],
    ["https://192.168.1.70/", secure],
    ["https://[fd00::1]/", undefined],
    ["https://[fd01::5]/", undefined],
    ["https://[fd02::5]/", secure],
    ["https://port.example:8443/", undefined],
    ["https://port.example/", secure],
  ];
  for (const [url, expected] of cases) t.equal(proxyFor(new URL(url), settings), expected, url);
  t.equal(
    proxyFor(new URL("https://a.example"), proxySettings({ HTTPS_PROXY: "p.example", no_proxy: "*" })),
    undefined,
  );
  t.equal(proxyFor(new URL("https://a.example"), proxySettings({ HTTP_PROXY: "p.example" })), undefined);
  t.equal(
    proxyFor(new URL("https://a.example"), proxySettings({ HTTPS_PROXY: "p.example", NO_PROXY: "10.0.0.0/99" })),
    "http://p.example",
  );
  t.end();
});
