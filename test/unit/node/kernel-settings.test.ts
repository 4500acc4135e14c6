import t from "tap";

import { checkKernelSettings } from "../../../agent/node/kernel-settings.ts";
import { setting } from "../../fixtures/settings.ts";

const wanted: Readonly<Record<string, string>> = {
  "vm/overcommit_memory": "1\n",
  "vm/panic_on_oom": "0\n",
  "kernel/panic": "10\n",
  "kernel/panic_on_oops": "1\n",
  "kernel/keys/root_maxkeys": "1000000\n",
  "kernel/keys/root_maxbytes": "25000000\n",
};

setting(
  t,
  "protectKernelDefaults",
  "with it the agent does not start where the kernel's are not kubelet's",
  async (t) => {
    const check = (changes: Readonly<Record<string, string>>) => () =>
      checkKernelSettings((path) => ({ ...wanted, ...changes })[path] ?? "");
    t.doesNotThrow(check({}));
    t.throws(check({ "kernel/panic": "0\n", "vm/overcommit_memory": "0\n" }), {
      code: "conflict",
      where: "protectKernelDefaults",
      message: /vm\.overcommit_memory is 0, expected 1; kernel\.panic is 0, expected 10$/,
    });
  },
);
