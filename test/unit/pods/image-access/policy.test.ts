// Which pods have to show credentials for an image that is there, by the policies of KubeletConfiguration.

import t from "tap";

import { needsVerification, withoutTag, type VerificationPolicy } from "../../../../agent/pods/image-access/policy.ts";

t.test("policies", async (t) => {
  const allowlist = ["registry.example/team/base", "registry.example/open/*", "localhost:5000/*"];
  const digest = `sha256:${"a".repeat(64)}`;
  const table: readonly [VerificationPolicy, string, preloaded: boolean, pulled: boolean][] = [
    ["NeverVerify", "registry.example/app:1", false, false],
    ["NeverVerifyPreloadedImages", "registry.example/app:1", false, true],
    ["NeverVerifyAllowlistedImages", "registry.example/app:1", true, true],
    ["NeverVerifyAllowlistedImages", "registry.example/team/base:1", false, false],
    ["NeverVerifyAllowlistedImages", `registry.example/team/base:1@${digest}`, false, false],
    ["NeverVerifyAllowlistedImages", "registry.example/team/base/more", true, true],
    ["NeverVerifyAllowlistedImages", "registry.example/team/basement", true, true],
    ["NeverVerifyAllowlistedImages", "registry.example/open/a/b:2", false, false],
    ["NeverVerifyAllowlistedImages", "registry.example/opened/a", true, true],
    ["NeverVerifyAllowlistedImages", "localhost:5000/a", false, false],
    ["AlwaysVerify", "registry.example/team/base:1", true, true],
  ];
  for (const [policy, image, preloaded, pulled] of table) {
    t.equal(needsVerification({ policy, allowlist }, image, false), preloaded, `${policy} ${image}, preloaded`);
    t.equal(needsVerification({ policy, allowlist }, image, true), pulled, `${policy} ${image}, pulled`);
  }
});

t.test("a name without its tag and digest", async (t) => {
  t.equal(withoutTag("busybox"), "busybox");
  t.equal(withoutTag("localhost:5000/a"), "localhost:5000/a");
  t.equal(withoutTag("localhost:5000/a:1@sha256:00"), "localhost:5000/a");
});
