// What configures the way to registries, and what registries say of themselves.

import { parseRetryAfter } from "../../agent/base/retry-after.ts";
import { parseChallenges } from "../../agent/images/registry/challenge.ts";
import { checkTarget } from "../../agent/images/registry/follow.ts";
import { parseHostsToml } from "../../agent/images/registry/hosts-toml.ts";
import { fuzz } from "./harness.ts";

fuzz([
  {
    name: "hosts-toml",
    run(input) {
      const { mirrors, server } = parseHostsToml(input.toString("utf8"), "hosts.toml");
      for (const { headers, dialTimeoutMs } of [...mirrors, server]) {
        for (const values of Object.values(headers)) {
          for (const value of values) if (/[\r\n\0]/.test(value)) throw new Error(`a header ${JSON.stringify(value)}`);
        }
        if (dialTimeoutMs !== undefined && !(dialTimeoutMs >= 0)) throw new Error(`waits ${dialTimeoutMs}`);
      }
      return `${mirrors.length} ${server.capabilities.size} ${server.ca.length}`;
    },
    dictionary: [
      ..."server host capabilities ca client skip_verify header override_path dial_timeout push pull resolve".split(
        " ",
      ),
      ..."= [ ] [[ ]] \" ' \"\"\" ''' # . \\n \\u0000 \\ud800 true false inf nan 1979-05-27T07:32:00Z 0x1 __proto__".split(
        " ",
      ),
      '[host."https://a"]\n',
      "\n[header]\n",
      '"5s"',
    ],
    count: 5000,
    maxBytes: 8192,
  },
  {
    name: "challenge",
    run(input) {
      const challenges = parseChallenges(input.toString("latin1"));
      return challenges.map(({ scheme, parameters }) => `${scheme}${Object.keys(parameters).length}`).join(" ");
    },
    dictionary: ["Bearer ", "Basic ", "realm=", '"', "\\", ",", "=", " ", "service=", "scope=", "__proto__="],
    count: 5000,
    maxBytes: 4096,
  },
  {
    name: "location",
    run(input) {
      const first = new URL("https://registry.example/v2/a/blobs/b");
      const target = checkTarget(input.toString("latin1"), first, first);
      if (target.protocol !== "https:") throw new Error(`left TLS for ${target.href}`);
      return target.host === first.host ? "same host" : "another host";
    },
    seeds: [
      "https://cdn.example/x?y=z",
      "/v2/relative",
      "//other.example/x",
      "http://registry.example/",
      "file:///etc/passwd",
    ],
    dictionary: [
      "http://",
      "https://",
      "file://",
      "//",
      "@",
      ":",
      "127.0.0.1",
      "[::1]",
      "169.254.169.254",
      "\\",
      "\t",
      "..",
    ],
    count: 5000,
    maxBytes: 2048,
  },
  {
    name: "retry-after",
    run(input) {
      const wait = parseRetryAfter(input.toString("latin1"), Date.UTC(2024, 0, 1));
      if (wait !== undefined && !(wait >= 0)) throw new Error(`waits ${wait} ms`);
      return typeof wait;
    },
    seeds: ["120", "Fri, 31 Dec 2027 23:59:59 GMT", "-1"],
    count: 2000,
  },
]);
