// time limit: 300 s
// How plugins are called, beside libcni's cnitool: libcni.cases.ts.
import { runOnOwnHost } from "./own-host.ts";

await runOnOwnHost(new URL("libcni.cases.ts", import.meta.url).pathname);
