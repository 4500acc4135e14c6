// How long it takes from CreateContainer to the event that `true` has ended.

import { containerConfig, type sandboxConfig, type TestRuntime } from "../fixtures/runtime.ts";

export interface Starts {
  /** Milliseconds, in the order of the runs. */
  readonly total: readonly number[];
  readonly create: readonly number[];
  readonly start: readonly number[];
  readonly exit: readonly number[];
  /** The OCI specification of one of them. */
  readonly spec: string;
}

const CONTAINER_STOPPED = 2;

export async function timeStarts(
  { runtime }: TestRuntime,
  podSandboxId: string,
  sandbox: ReturnType<typeof sandboxConfig>,
  { count, warmup }: { readonly count: number; readonly warmup: number },
): Promise<Starts> {
  const milliseconds = (from: bigint): number => Number(process.hrtime.bigint() - from) / 1e6;
  const total: number[] = [];
  const create: number[] = [];
  const start: number[] = [];
  const exit: number[] = [];
  let spec = "";
  const stopped = new AbortController();
  const exits = new Map<string, () => void>();
  const watching = (async () => {
    for await (const event of runtime.getContainerEvents({}, { signal: stopped.signal })) {
      if (event.containerEventType === CONTAINER_STOPPED) exits.get(event.containerId ?? "")?.();
    }
  })();
  for (let i = 0; i < count + warmup; i += 1) {
    const config = containerConfig(["true"]);
    const before = process.hrtime.bigint();
    const { containerId = "" } = await runtime.createContainer({ podSandboxId, config, sandboxConfig: sandbox });
    const created = milliseconds(before);
    const exited = new Promise<void>((resolve) => exits.set(containerId, resolve));
    await runtime.startContainer({ containerId });
    const started = milliseconds(before);
    await exited;
    const ended = milliseconds(before);
    exits.delete(containerId);
    if (i >= warmup) {
      total.push(ended);
      create.push(created);
      start.push(started - created);
      exit.push(ended - started);
    }
    if (i === 0) spec = (await runtime.containerStatus({ containerId, verbose: true })).info?.["runtimeSpec"] ?? "";
    await runtime.removeContainer({ containerId });
  }
  stopped.abort();
  await watching;
  return { total, create, start, exit, spec };
}
