// What an attack is: data and two programs. See prove.ts for what is done with it.

import type { Change } from "../../fixtures/without-defence.ts";
import type { Host } from "./host.ts";

export interface Attack {
  /** As docs/security.md has it. */
  readonly name: string;
  /** Numbers without "CVE-", and points of the suite as "suite 3". */
  readonly rows: readonly string[];
  /** Does it, and tells in one line what came of it. */
  readonly attack: (host: Host) => Promise<string>;
  /** Nearly the same, and harmless. */
  readonly twin: (host: Host) => Promise<string>;
  /** What came of the attack, as long as the defence is there. */
  readonly held: RegExp;
  /** What came of the twin. */
  readonly works: RegExp;
  /** Taken out together. */
  readonly without: readonly Change[];
  /** What comes of the attack then. */
  readonly fallen: RegExp;
}
