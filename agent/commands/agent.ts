// `nodelet agent`: the daemon.

import { isNodeletError, describeError } from "../base/errors.ts";
import { EXIT, UsageError, write, type Command } from "./cli.ts";

/** What is still open at the end has this long to close. */
const CLOSE_TIMEOUT_MS = 10_000;

export const agentCommand: Command = {
  name: "agent",
  summary: "the daemon; also when called as `kubelet`",
  usage: ["[FLAGS]"],
  options: {},
  args: { min: 0, max: Number.POSITIVE_INFINITY },
  rawArguments: true,
  async run({ args, streams, signal }) {
    const { agentHelp, parseAgentOptions } = await import("../config/options.ts");
    if (args.includes("--help") || args.includes("-h")) {
      await write(streams.stdout, agentHelp());
      return EXIT.ok;
    }
    // Checked whole before anything is touched: what is wrong is the only line that is printed.
    const { withConfigurationFile } = await import("../config/kubelet-configuration.ts");
    const options = await withConfigurationFile(parseFlags(() => parseAgentOptions(args)));
    const { createLogger } = await import("../base/log.ts");
    const log = await createLogger({
      level: options.logLevel,
      format: options.logFormat === "auto" ? undefined : options.logFormat,
    });
    const crash = (error: unknown): void => {
      // Containers do not depend on this process; the next one takes them up.
      log.fatal({ error }, "the agent ends, as something unforeseen happened");
      process.exit(EXIT.failure);
    };
    process.on("uncaughtException", crash);
    process.on("unhandledRejection", crash);

    const { startAgent } = await import("./agent/daemon.ts");
    const { notifyServiceManager } = await import("./agent/notify.ts");
    const agent = await startAgent(options, log);
    notifyServiceManager(streams.env, ["--ready", `--status=node ${options.nodeName}`], log);
    const end = Promise.withResolvers<void>();
    signal.addEventListener("abort", () => end.resolve());
    if (signal.aborted) end.resolve();
    await Promise.race([agent.stopped, end.promise]);
    notifyServiceManager(streams.env, ["--stopping"], log);
    const limit = setTimeout(() => {
      log.error("the agent did not close in time and ends at once");
      process.exit(EXIT.failure);
    }, CLOSE_TIMEOUT_MS);
    await agent[Symbol.asyncDispose]();
    clearTimeout(limit);
    log.info("the agent has ended");
    return EXIT.ok;
  },
};

/** A wrong flag is wrong usage; a wrong file or host is a failure. */
function parseFlags<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    if (isNodeletError(error)) throw new UsageError(describeError(error));
    throw error;
  }
}
