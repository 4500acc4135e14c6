// What `nodelet agent` and `nodelet cri` share: flags in kubelet's form, the log, the service manager, and an orderly end.

import { isNodeletError, describeError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { AgentOptions, Program } from "../config/options.ts";
import { EXIT, UsageError, write, type Command } from "./cli.ts";

/** What is still open at the end has this long to close. */
const CLOSE_TIMEOUT_MS = 10_000;

/** A daemon that runs. Disposing lets go of everything; pods run on. */
export interface Daemon extends AsyncDisposable {
  /** Resolves when it was asked over its socket to end. */
  readonly stopped: Promise<void>;
  /** For the service manager: one line. */
  readonly status: string;
}

export interface DaemonKind {
  readonly program: Program;
  readonly summary: string;
  /** The signal: it is to end, also before it has begun. */
  readonly start: (options: AgentOptions, log: Logger, signal: AbortSignal) => Promise<Daemon>;
}

export function daemonCommand({ program, summary, start }: DaemonKind): Command {
  return {
    name: program,
    summary,
    usage: ["[FLAGS]"],
    options: {},
    args: { min: 0, max: Number.POSITIVE_INFINITY },
    rawArguments: true,
    async run({ args, streams, signal }) {
      const { agentHelp, parseFlags, readOptions } = await import("../config/options.ts");
      if (args.includes("--help") || args.includes("-h")) {
        await write(streams.stdout, agentHelp(program));
        return EXIT.ok;
      }
      // Checked whole before anything is touched: what is wrong is the only line that is printed.
      const options = await readOptions(asUsage(() => parseFlags(args, program)));
      const { createLogger } = await import("../base/log.ts");
      const log = await createLogger({
        level: options.logLevel,
        format: options.logFormat === "auto" ? undefined : options.logFormat,
      });
      const crash = (error: unknown): void => {
        // Containers do not depend on this process; the next one takes them up.
        log.fatal({ error }, "the daemon ends, as something unforeseen happened");
        process.exit(EXIT.failure);
      };
      process.on("uncaughtException", crash);
      process.on("unhandledRejection", crash);

      const { connectServiceManager } = await import("./runtime/notify.ts");
      const { createLinuxSystem } = await import("../system/linux.ts");
      const system = createLinuxSystem();
      const daemon = await start(options, log, signal);
      using manager = connectServiceManager(streams.env, (path, data) => system.sendDatagram(path, data), log);
      manager.ready(daemon.status);
      const end = Promise.withResolvers<void>();
      signal.addEventListener("abort", () => end.resolve());
      if (signal.aborted) end.resolve();
      const asked = await Promise.race([daemon.stopped.then(() => true), end.promise.then(() => false)]);
      manager.stopping();
      const limit = setTimeout(() => {
        log.error("the daemon did not close in time and ends at once");
        process.exit(EXIT.failure);
      }, CLOSE_TIMEOUT_MS);
      await daemon[Symbol.asyncDispose]();
      clearTimeout(limit);
      log.info("the daemon has ended");
      return asked && manager.present ? EXIT.stopped : EXIT.ok;
    },
  };
}

/** A wrong flag is wrong usage; a wrong file or host is a failure. */
function asUsage<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (isNodeletError(error)) throw new UsageError(describeError(error));
    throw error;
  }
}
