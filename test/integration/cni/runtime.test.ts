// time limit: 300 s
// Pods of the runtime on CNI networks, and the choice of the network, on a host of its own: runtime.cases.ts.
import { runOnOwnHost } from "./own-host.ts";

await runOnOwnHost(new URL("runtime.cases.ts", import.meta.url).pathname);
