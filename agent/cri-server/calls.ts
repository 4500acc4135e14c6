// One gRPC call to one method of an object, for the CRI its interface: its request, the caller's leaving as an AbortSignal, its answer or status.

import { Metadata } from "@grpc/grpc-js";
import type {
  handleServerStreamingCall,
  handleUnaryCall,
  ServerWritableStream,
  UntypedServiceImplementation,
} from "@grpc/grpc-js";

import type { ServiceTable } from "../../proto/wire.ts";
import { NodeletError } from "../base/errors.ts";
import type { Logger } from "../base/log.ts";
import type { CallOptions } from "../cri/runtime.ts";
import { statusOf } from "./status.ts";

/**
 * Unary calls that end with their caller. All others go on: a client that gave up and asks again finds the sandbox, container or
 * image made, or joins the call that makes it.
 */
const ENDING_WITH_CALLER: ReadonlySet<string> = new Set(["execSync", "stopContainer"]);

export interface CallDeps {
  /** Has the methods of the table. */
  readonly implementation: object;
  readonly table: ServiceTable;
  readonly log: Logger;
  /** Aborted when the daemon ends. */
  readonly closing: AbortSignal;
}

type Method<Result> = (request: object, options: CallOptions) => Result;

export function callHandlers({ implementation, table, log, closing }: CallDeps): UntypedServiceImplementation {
  return Object.fromEntries(
    Object.entries(table).map(([name, { responseStream }]) => [
      name,
      responseStream
        ? streaming(name, method(implementation, name), log, closing)
        : unary(name, method(implementation, name), log, closing),
    ]),
  );
}

/** The table and the implementation's interface come from one contract. */
function method<Result>(implementation: object, name: string): Method<Result> {
  const found = (implementation as Record<string, Method<Result> | undefined>)[name];
  if (found === undefined) throw new Error(`Cannot serve ${name}: there is no such method`);
  return found.bind(implementation);
}

function unary(
  name: string,
  call: Method<Promise<object>>,
  log: Logger,
  closing: AbortSignal,
): handleUnaryCall<object, object> {
  return (incoming, answer) => {
    let signal = closing;
    if (ENDING_WITH_CALLER.has(name)) {
      const caller = new AbortController();
      const leave = (): void => caller.abort(new NodeletError("cancelled", "the caller went away"));
      incoming.on("cancelled", leave);
      if (incoming.cancelled) leave();
      signal = AbortSignal.any([caller.signal, closing]);
    }
    const began = performance.now();
    call(incoming.request, { signal }).then(
      (response) => {
        log.debug({ call: name, milliseconds: performance.now() - began }, "answered");
        answer(null, response);
      },
      (error: unknown) => {
        report(log, name, error);
        answer(statusOf(error));
      },
    );
  };
}

function streaming(
  name: string,
  call: Method<AsyncIterable<object>>,
  log: Logger,
  closing: AbortSignal,
): handleServerStreamingCall<object, object> {
  return (outgoing) => {
    const caller = new AbortController();
    const leave = (): void => caller.abort(new NodeletError("cancelled", "the caller went away"));
    outgoing.on("cancelled", leave);
    outgoing.on("close", leave);
    const signal = AbortSignal.any([caller.signal, closing]);
    send(outgoing, call(outgoing.request, { signal }), signal).then(
      () => outgoing.end(),
      (error: unknown) => {
        if (!caller.signal.aborted) report(log, name, error);
        outgoing.emit("error", statusOf(error)); // sends the status, in place of end()
      },
    );
  };
}

/** No faster than the client reads. */
async function send(
  outgoing: ServerWritableStream<object, object>,
  items: AsyncIterable<object>,
  signal: AbortSignal,
): Promise<void> {
  const iterator = items[Symbol.asyncIterator]();
  const first = iterator.next();
  // Whoever follows events knows by the headers that none is missed from here on.
  outgoing.sendMetadata(new Metadata());
  try {
    for (let item = await first; item.done !== true && !signal.aborted; item = await iterator.next())
      if (!outgoing.write(item.value)) await drained(outgoing, signal);
  } finally {
    await iterator.return?.();
  }
  closingStatus(signal);
}

function drained(outgoing: ServerWritableStream<object, object>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      outgoing.off("drain", go);
      signal.removeEventListener("abort", go);
      resolve();
    };
    outgoing.on("drain", go);
    signal.addEventListener("abort", go);
    if (signal.aborted) go();
  });
}

/** A stream that ends because the daemon does is no success. */
function closingStatus(signal: AbortSignal): void {
  if (signal.aborted) throw signal.reason;
}

/** What the caller did wrong is told to the caller alone; what we did wrong is logged. */
function report(log: Logger, call: string, error: unknown): void {
  if (error instanceof NodeletError && error.code !== "internal") log.debug({ call, error: error.message }, "refused");
  else log.error({ call, error }, "a call over gRPC failed");
}
