// A device plugin at the other end of a socket, with the methods of its contract. Loads gRPC.

import { Client, credentials, status, type ServiceError } from "@grpc/grpc-js";

import { NodeletError } from "../agent/base/errors.ts";
import type { CallOptions } from "../agent/cri/types.gen.ts";
import { messages, services } from "../proto/deviceplugins/deviceplugin.gen.js";
import { encodeMessage, wireService } from "../proto/wire.ts";
import type { ContainerAllocateResponse, DevicePlugin } from "./deviceplugin.gen.ts";

/** A plugin that does not take the connection in this time is not there. */
const CONNECT_LIMIT_MS = 10_000;
const MESSAGE_BYTES_MAX = 16 * 1024 * 1024;

/** Disposing breaks off what is under way. */
export interface PluginConnection extends Disposable {
  readonly plugin: DevicePlugin;
}

/** Resolves when the plugin has taken the connection; `unavailable` when it does not. */
export async function connectPlugin(socket: string): Promise<PluginConnection> {
  const client = new Client(`unix:${socket}`, credentials.createInsecure(), {
    "grpc.max_receive_message_length": MESSAGE_BYTES_MAX,
    "grpc.use_local_subchannel_pool": 1,
    "grpc.enable_channelz": 0,
  });
  try {
    await new Promise<void>((resolve, reject) => {
      client.waitForReady(Date.now() + CONNECT_LIMIT_MS, (error) => {
        if (error === undefined) resolve();
        else reject(new NodeletError("unavailable", "failed to dial device plugin", { where: socket, cause: error }));
      });
    });
  } catch (error) {
    client.close();
    throw error;
  }
  const underWay = new Set<{ cancel(): void }>();
  const methods: Record<string, unknown> = {};
  for (const [name, method] of Object.entries(wireService(messages, services.DevicePlugin))) {
    const { path, requestSerialize, responseDeserialize } = method;
    methods[name] = method.responseStream
      ? async function* (request: object, { signal }: CallOptions = {}): AsyncGenerator<object> {
          const stream = client.makeServerStreamRequest(path, requestSerialize, responseDeserialize, request);
          const cancel = (): void => stream.cancel();
          underWay.add(stream);
          signal?.addEventListener("abort", cancel);
          try {
            for await (const item of stream) yield item as object;
          } catch (error) {
            throw callError(error as ServiceError);
          } finally {
            underWay.delete(stream);
            signal?.removeEventListener("abort", cancel);
          }
        }
      : (request: object, { signal }: CallOptions = {}): Promise<object> =>
          new Promise((resolve, reject) => {
            const call = client.makeUnaryRequest(
              path,
              requestSerialize,
              responseDeserialize,
              request,
              (error: ServiceError | null, response?: object) => {
                underWay.delete(call);
                signal?.removeEventListener("abort", cancel);
                if (error === null) resolve(response ?? {});
                else reject(callError(error));
              },
            );
            const cancel = (): void => call.cancel();
            underWay.add(call);
            signal?.addEventListener("abort", cancel);
          });
  }
  return {
    plugin: methods as unknown as DevicePlugin,
    [Symbol.dispose]: () => {
      for (const call of underWay) call.cancel();
      client.close();
    },
  };
}

/** As Go's gRPC words it, which is what kubelet's messages hold: `rpc error: code = Unknown desc = ...`. */
function callError({ code, details, message }: ServiceError): NodeletError {
  const name = status[code];
  const words = name === undefined ? [] : name.toLowerCase().split("_");
  const camel = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
  const text = `rpc error: code = ${name === undefined ? code : camel} desc = ${details || message}`;
  return new NodeletError(code === status.UNAVAILABLE ? "unavailable" : "internal", text);
}

export function encodeResponse(response: ContainerAllocateResponse): Uint8Array {
  return encodeMessage(messages.ContainerAllocateResponse, response);
}
