// time limit: 300 s
// CNI plugins on a host of its own: plugins.cases.ts.
import { runOnOwnHost } from "./own-host.ts";

await runOnOwnHost(new URL("plugins.cases.ts", import.meta.url).pathname);
