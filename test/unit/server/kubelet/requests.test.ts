import t from "tap";

import { RequestMeters } from "../../../../agent/server/kubelet/metrics/requests.ts";

t.test("requests by what they are, whatever is written in them", async (t) => {
  const meters = new RequestMeters(["pods", "exec", "metrics", "metrics/cadvisor"]);
  const samples = (name: string): unknown => meters.families().find((family) => family.name === name)?.samples;
  const pods = { long_running: "false", method: "GET", path: "pods", server_type: "readwrite" };
  meters.begin("readwrite", "GET", "/pods", undefined)(0.02);
  const answered = meters.begin("readwrite", "GET", "/exec/default/p/main", "WebSocket");
  const exec = { long_running: "true", method: "GET", path: "exec", server_type: "readwrite" };
  t.match(samples("kubelet_http_inflight_requests"), [
    { labels: pods, value: 0 },
    { labels: exec, value: 1 },
  ]);
  answered(3);
  t.match(samples("kubelet_http_inflight_requests"), [{ value: 0 }, { value: 0 }]);
  t.match(samples("kubelet_websocket_streaming_requests_total"), [{ labels: { subresource: "exec" }, value: 1 }]);

  meters.begin("readonly", "BREW", "/coffee/pot", undefined)(0);
  meters.begin("readonly", "GET", "/metrics/cadvisor", undefined)(0);
  meters.begin("readonly", "GET", "/metrics/none", undefined)(0);
  t.match(samples("kubelet_http_requests_total"), [
    { labels: pods, value: 1 },
    { labels: exec, value: 1 },
    { labels: { long_running: "false", method: "other", path: "other", server_type: "readonly" }, value: 1 },
    { labels: { path: "metrics/cadvisor" }, value: 1 },
    { labels: { path: "metrics" }, value: 1 },
  ]);
});
