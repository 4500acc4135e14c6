import { writeFileSync } from "node:fs";

import { describeError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";

/** How likely the kernel ends this process when memory runs out. Without the right to lower it, it stays and the log says so. */
export function setOomScore(score: number, log: Logger): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", String(score));
  } catch (error) {
    log.warn({ oomScoreAdj: score, error: describeError(error) }, "the daemon's oom_score_adj stays as it is");
  }
}
