// Listens and connects in the network namespace that it was started in, as its parent asks.
import { createSocket } from "node:dgram";
import { connect, createServer, isIPv4 } from "node:net";
import type { PeerRequest } from "./own-host.ts";

function listen(request: PeerRequest & { do: "listen" }): Promise<string> {
  return new Promise((resolve) => {
    const { protocol, host, port } = request;
    if (protocol === "tcp") {
      const server = createServer((socket) => {
        socket.on("error", () => undefined);
        socket.end(socket.remoteAddress ?? "");
      });
      server.on("error", (error) => resolve(codeOf(error)));
      server.listen({ host, port }, () => resolve("listening"));
      return;
    }
    const socket = createSocket(isIPv4(host) ? "udp4" : "udp6");
    socket.on("error", (error) => resolve(codeOf(error)));
    socket.on("message", (_data, { address, port: from }) => socket.send(address, from, address));
    socket.bind({ address: host, port }, () => resolve("listening"));
  });
}

function ask(request: PeerRequest & { do: "ask" }): Promise<string> {
  return new Promise((resolve) => {
    const { protocol, host, port, from, milliseconds } = request;
    const finish = (answer: string): void => {
      clearTimeout(timer);
      close();
      resolve(answer);
    };
    const timer = setTimeout(() => finish("timeout"), milliseconds);
    let close: () => void;
    if (protocol === "tcp") {
      const socket = connect({ host, port });
      close = () => void socket.destroy();
      let text = "";
      socket.on("data", (data) => (text += data.toString()));
      socket.on("end", () => finish(text));
      socket.on("error", (error) => finish(codeOf(error)));
      return;
    }
    const socket = createSocket(isIPv4(host) ? "udp4" : "udp6");
    close = () => void socket.close();
    socket.on("error", (error) => finish(codeOf(error)));
    socket.on("message", (data) => finish(data.toString()));
    socket.bind({ port: from ?? 0 }, () => socket.send("?", port, host));
  });
}

function codeOf(error: Error): string {
  return "code" in error ? String(error.code) : error.message;
}

process.on("message", (message) => {
  const request = message as PeerRequest;
  void (request.do === "listen" ? listen(request) : ask(request)).then((answer) => process.send?.(answer));
});
process.send?.("ready");
