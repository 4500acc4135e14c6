// time limit: 1500 s
// Pods come and go while the daemon is killed again and again: kills.cases.ts.
import { runOnOwnHost } from "./own-host.ts";

await runOnOwnHost(new URL("kills.cases.ts", import.meta.url).pathname);
