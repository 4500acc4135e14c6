// time limit: 900 s
// soak limit: 1800 s
// Every command of crictl against `nodelet cri`: crictl.cases.ts. Building crictl for the first time takes minutes. STREAM_MIB
// says how much goes through each of the streams.

import { join } from "node:path";

import { cachedImages } from "../images/cached.ts";
import { runOnOwnHost } from "../own-host.ts";
import { buildTools } from "../tools/build.ts";

buildTools("cri");
const images = await cachedImages();
process.exitCode = await runOnOwnHost(join(import.meta.dirname, "crictl.cases.ts"), [images]);
