// time limit: 180 s
import { runOnOwnHost } from "./own-host.ts";

await runOnOwnHost(new URL("builtin-ipv6.cases.ts", import.meta.url).pathname);
