// PUT /debug/flags/v: how much is logged from now on. Body: a verbosity as of kubelet's -v.

import { NodeletError } from "../../../base/errors.ts";
import type { Logger } from "../../../base/log.ts";
import { levelOfVerbosity } from "../../../config/options.ts";
import type { Route } from "../../router.ts";

export function debugFlagsRoute(log: Logger): Route {
  return {
    method: "PUT",
    path: "/debug/flags/v",
    async handle(call) {
      const verbosity = await call.body();
      if (typeof verbosity !== "number" || !Number.isInteger(verbosity) || verbosity < 0)
        throw new NodeletError("invalid", "the body is no verbosity", { fix: "Send a whole number, such as 4" });
      log.setLevel(levelOfVerbosity(verbosity));
      call.text(`successfully set klog.logging.verbosity to ${verbosity}`);
    },
  };
}
