// time limit: 300 s
// The built-in network on a host of its own: builtin.cases.ts.
import { runOnOwnHost } from "./own-host.ts";

await runOnOwnHost(new URL("builtin.cases.ts", import.meta.url).pathname);
