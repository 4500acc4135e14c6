// The `nodelet` command; the launcher in bin/ starts it. What a command needs is loaded when it is called.

import { main } from "./commands/main.ts";

// A reader that has seen enough (`| head`) is no failure.
for (const stream of [process.stdout, process.stderr]) {
  stream.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0);
    throw error;
  });
}

const code = await main(process.argv.slice(2), {
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  env: process.env,
});

// What is written to a pipe may still be on its way.
process.stdout.write("", () => {
  process.stderr.write("", () => process.exit(code));
});
