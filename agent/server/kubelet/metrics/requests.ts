// Counts and times what the server answers, under kubelet's names.

import { Counter, Gauge, type Family, Histogram, type Labels, type Meters } from "../../../base/meters.ts";

const METHODS = new Set(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "TRACE", "CONNECT"]);

/** Requests that last as long as their client wants. */
const LONG_RUNNING = new Set(["exec", "attach", "portForward", "debug"]);

/** Streams over WebSocket are counted on their own, under these names. */
const STREAMS: Readonly<Record<string, string>> = { exec: "exec", attach: "attach", portForward: "portforward" };

export class RequestMeters implements Meters {
  readonly #names: ReadonlySet<string>;
  readonly #requests = new Counter({
    name: "kubelet_http_requests_total",
    help: "Requests that have come to the server.",
  });
  readonly #durations = new Histogram({
    name: "kubelet_http_requests_duration_seconds",
    help: "Seconds that their answers took.",
  });
  readonly #inFlight = new Gauge({
    name: "kubelet_http_inflight_requests",
    help: "Requests that are being answered.",
  });
  readonly #webSockets = new Counter({
    name: "kubelet_websocket_streaming_requests_total",
    help: "Streams that were asked for over WebSocket.",
  });

  /** `names` of the first parts of paths; all others are `other`, as who asks could write anything. */
  constructor(names: Iterable<string>) {
    this.#names = new Set(names);
  }

  /** Call what it returns when it is answered, with the seconds that this took. */
  begin(serverType: string, method: string, path: string, upgrade: string | undefined): (seconds: number) => void {
    const name = this.#nameOf(path);
    const labels: Labels = {
      long_running: String(LONG_RUNNING.has(name)),
      method: METHODS.has(method) ? method : "other",
      path: name,
      server_type: serverType,
    };
    this.#requests.add(labels);
    this.#inFlight.add(1, labels);
    const subresource = STREAMS[name];
    if (upgrade?.toLowerCase() === "websocket" && subresource !== undefined) this.#webSockets.add({ subresource });
    return (seconds) => {
      this.#inFlight.add(-1, labels);
      this.#durations.observe(seconds, labels);
    };
  }

  #nameOf(path: string): string {
    const [, root = "", second = ""] = path.split("/");
    if (this.#names.has(`${root}/${second}`)) return `${root}/${second}`;
    return this.#names.has(root) ? root : "other";
  }

  families(): readonly Family[] {
    return [this.#requests, this.#durations, this.#inFlight, this.#webSockets].map(({ family }) => family);
  }
}
