// How often an API server was asked for what, by its own count.

import type { KubeClient } from "../../agent/kube/client.ts";

/** By `VERB resource/subresource`. */
export type Calls = ReadonlyMap<string, number>;

/** Since it began. Source: kube-apiserver's metric apiserver_request_total. */
export async function apiCalls(client: KubeClient): Promise<Calls> {
  const text = String(await client.request({ method: "GET", path: "/metrics" }));
  const calls = new Map<string, number>();
  for (const [, labels = "", count = ""] of text.matchAll(/^apiserver_request_total\{(.*)\} (\S+)$/gm)) {
    const label = (name: string): string => new RegExp(`(?:^|,)${name}="([^"]*)"`).exec(labels)?.[1] ?? "";
    const what = [label("resource"), label("subresource")].filter(Boolean).join("/");
    const key = `${label("verb")} ${what}`;
    calls.set(key, (calls.get(key) ?? 0) + Number(count));
  }
  return calls;
}

/** The most frequent ones first: `PATCH pods/status 1.0`. */
export function callsEach(before: Calls, after: Calls, pods: number): string {
  return [...after]
    .map(([what, count]) => ({ what, each: (count - (before.get(what) ?? 0)) / pods }))
    .filter(({ each }) => each >= 0.05)
    .toSorted((a, b) => b.each - a.each)
    .map(({ what, each }) => `${what} ${each.toFixed(1)}`)
    .join(", ");
}
