// Runs attacks of a file in one runtime and prints what came of each, as lines of JSON.
// Usage: run-attacks.ts MODULE attack|both TAG SLOT NAME...

import { describeError } from "../../../agent/base/errors.ts";
import type { Attack } from "./attack.ts";
import { openHost } from "./host.ts";

const [module = "", mode, tag = "", slot = "0", ...names] = process.argv.slice(2);
const { attacks } = (await import(module)) as { attacks: readonly Attack[] };
const host = await openHost(tag, Number(slot));
const outcome = async (part: Attack["attack"]): Promise<string> => {
  try {
    return await part(host);
  } catch (error) {
    return `error: ${describeError(error)}`;
  } finally {
    await host.reset();
  }
};
try {
  for (const { name, attack, twin } of attacks.filter((each) => names.includes(each.name))) {
    const done = { name, attack: await outcome(attack), twin: mode === "both" ? await outcome(twin) : undefined };
    process.stdout.write(`${JSON.stringify(done)}\n`);
  }
} finally {
  await host.close();
}
