// time limit: 240 s
// The whole agent on networks of both kinds: agent.cases.ts.
import { runOnOwnHost } from "./own-host.ts";

await runOnOwnHost(new URL("agent.cases.ts", import.meta.url).pathname);
