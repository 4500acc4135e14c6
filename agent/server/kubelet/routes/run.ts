// POST /run/{namespace}/{pod}[/{uid}]/{container}?cmd=...: a command in a container, its output as the answer.

import { NodeletError } from "../../../base/errors.ts";
import type { ServerDeps } from "../../deps.ts";
import type { Call } from "../../http.ts";
import type { Route } from "../../router.ts";
import { containerToEnter } from "../containers.ts";

export function runRoutes({ pods, cri }: Pick<ServerDeps, "pods" | "cri">): Route[] {
  const handle = async (call: Call): Promise<void> => {
    const { namespace = "", pod = "", uid, container = "" } = call.params;
    const id = containerToEnter(pods, { namespace, pod, uid, container });
    // Kubelet parts it at spaces, whatever quotes there are.
    const cmd = (call.query.get("cmd") ?? "").split(" ");
    if (cmd[0] === "") throw new NodeletError("invalid", "the command is empty", { where: "cmd" });
    const { stdout, stderr, exitCode = 0 } = await cri.execSync({ containerId: id, cmd }, { signal: call.signal });
    const output = Buffer.concat([stdout ?? Buffer.alloc(0), stderr ?? Buffer.alloc(0)]).toString();
    if (exitCode !== 0) throw new NodeletError("internal", `${output}command terminated with exit code ${exitCode}`);
    call.text(output);
  };
  return [
    { method: "POST", path: "/run/{namespace}/{pod}/{container}", handle },
    { method: "POST", path: "/run/{namespace}/{pod}/{uid}/{container}", handle },
  ];
}
