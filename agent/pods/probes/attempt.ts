// One attempt of a probe. The agent asks over the host's network, or by the runtime inside the container.

import { createConnection } from "node:net";

import type { V1Container, V1Probe } from "@kubernetes/client-node";

import { describeError, isErrno, isNodeletError, NodeletError } from "../../base/errors.ts";
import { withTimeout } from "../../base/limits.ts";
import type { Cri } from "../../cri/runtime.ts";
import { checkHealth } from "./grpc-health.ts";
import { httpGet } from "./http-get.ts";
import { httpTarget, portNumber, showUrl } from "./target.ts";

/** `warning` counts as success and is told; `unknown`: the probe itself could not be made, which counts as nothing. */
export interface Attempt {
  readonly outcome: "success" | "warning" | "failure" | "unknown";
  readonly output: string;
}

export interface AttemptContext {
  readonly cri: Cri;
  readonly containerId: string;
  readonly container: V1Container;
  readonly podIp: string;
  readonly signal: AbortSignal;
}

/** What of an answer a message shows. */
const OUTPUT_MAX = 1_024;

/** Rejects only when its signal is aborted. */
export async function attemptProbe(probe: V1Probe, context: AttemptContext): Promise<Attempt> {
  const seconds = probe.timeoutSeconds ?? 1;
  try {
    if (probe.exec !== undefined) return await attemptExec(probe.exec.command ?? [], seconds, context);
    if (probe.httpGet !== undefined) return await attemptHttp(probe, seconds, context);
    if (probe.tcpSocket !== undefined) return await attemptTcp(probe, seconds, context);
    if (probe.grpc !== undefined) return await attemptGrpc(probe, seconds, context);
    return { outcome: "unknown", output: "missing probe handler" };
  } catch (error) {
    if (context.signal.aborted) throw error;
    return { outcome: "unknown", output: describeError(error) };
  }
}

async function attemptExec(
  command: readonly string[],
  seconds: number,
  { cri, containerId, signal }: AttemptContext,
): Promise<Attempt> {
  try {
    const result = await cri.execSync({ containerId, cmd: [...command], timeout: BigInt(seconds) }, { signal });
    const output = Buffer.concat([result.stdout ?? Buffer.alloc(0), result.stderr ?? Buffer.alloc(0)]).toString("utf8");
    return (result.exitCode ?? 0) === 0 ? { outcome: "success", output } : { outcome: "failure", output: cut(output) };
  } catch (error) {
    if (!isNodeletError(error, "timeout")) throw error;
    return {
      outcome: "failure",
      output: `command timed out: ${JSON.stringify(command.join(" "))} timed out after ${seconds}s`,
    };
  }
}

async function attemptHttp(
  probe: V1Probe,
  seconds: number,
  { container, podIp, signal }: AttemptContext,
): Promise<Attempt> {
  if (probe.httpGet === undefined) throw new NodeletError("internal", "The probe has no httpGet");
  const target = httpTarget(probe.httpGet, container, podIp);
  try {
    const { status, body, leadsAway } = await within(seconds, signal, (inner) => httpGet(target, inner));
    if (leadsAway) return { outcome: "warning", output: `Probe terminated redirects, Response body: ${cut(body)}` };
    if (status >= 200 && status < 400) return { outcome: "success", output: body };
    return { outcome: "failure", output: `HTTP probe failed with statuscode: ${status}` };
  } catch (error) {
    if (signal.aborted) throw error;
    const why = isNodeletError(error, "timeout")
      ? "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
      : connectionError(error, target.host, target.port);
    return { outcome: "failure", output: `Get "${showUrl(target)}": ${why}` };
  }
}

async function attemptTcp(
  probe: V1Probe,
  seconds: number,
  { container, podIp, signal }: AttemptContext,
): Promise<Attempt> {
  const host = probe.tcpSocket?.host || podIp;
  const port = portNumber(probe.tcpSocket?.port ?? 0, container);
  try {
    await within(seconds, signal, (inner) => connectOnce(host, port, inner));
    return { outcome: "success", output: "" };
  } catch (error) {
    if (signal.aborted) throw error;
    return { outcome: "failure", output: connectionError(error, host, port) };
  }
}

async function attemptGrpc(probe: V1Probe, seconds: number, { podIp, signal }: AttemptContext): Promise<Attempt> {
  const target = { host: podIp, port: probe.grpc?.port ?? 0, service: probe.grpc?.service ?? "" };
  try {
    const status = await within(seconds, signal, (inner) => checkHealth(target, inner));
    if (status === "SERVING") return { outcome: "success", output: "service healthy" };
    return { outcome: "failure", output: `service unhealthy (responded with "${status}")` };
  } catch (error) {
    if (signal.aborted) throw error;
    const timeout = `timeout: health rpc did not complete within ${seconds}s`;
    return { outcome: "failure", output: isNodeletError(error, "timeout") ? timeout : describeError(error) };
  }
}

function within<T>(seconds: number, signal: AbortSignal, task: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return withTimeout({ milliseconds: seconds * 1000, what: "the probe", signal }, task);
}

function connectOnce(host: string, port: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = createConnection({ host, port, signal });
    socket.once("error", reject);
    socket.once("connect", () => {
      socket.destroy();
      resolve();
    });
  });
}

/** In the words that kubelet's users know. */
function connectionError(error: unknown, host: string, port: number): string {
  const address = host.includes(":") ? `[${host}]:${port}` : `${host}:${port}`;
  if (isNodeletError(error, "timeout")) return `dial tcp ${address}: i/o timeout`;
  if (isErrno(error, "ECONNREFUSED")) return `dial tcp ${address}: connect: connection refused`;
  if (isErrno(error, "EHOSTUNREACH")) return `dial tcp ${address}: connect: no route to host`;
  if (isErrno(error, "ECONNRESET")) return `read tcp ${address}: connection reset by peer`;
  return describeError(error);
}

function cut(text: string): string {
  return text.length > OUTPUT_MAX ? `${text.slice(0, OUTPUT_MAX)}...` : text;
}
