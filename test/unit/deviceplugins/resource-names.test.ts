import t from "tap";

import { isExtendedResource } from "../../../deviceplugins/resource-names.ts";

t.test("names that a plugin may give its resource", async (t) => {
  for (const name of ["example.com/gpu", "vendor.com/nic-100G.x", "a/b", "test.device/device-plugin-failures-1234"])
    t.ok(isExtendedResource(name), name);
});

t.test("names that it may not", async (t) => {
  const names = ["", "cpu", "gpu", "/gpu", "example.com/", "a/b/c", "kubernetes.io/gpu", "x.kubernetes.io/gpu"];
  names.push("requests.example.com/gpu", "Example.com/gpu", "example.com/-gpu", `example.com/${"x".repeat(64)}`);
  names.push(`${"x".repeat(245)}/gpu`, "__proto__", "example.com/gpu\n");
  for (const name of names) t.notOk(isExtendedResource(name), JSON.stringify(name));
});
