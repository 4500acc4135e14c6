// GET /configz: the configuration in effect. /flagz, /statusz: flags and state, for people.

import type { KubeletConfiguration } from "../../../config/kubelet/configuration.ts";
import { shownConfiguration } from "../../../config/kubelet/shown.ts";
import type { DaemonInfo } from "../../deps.ts";
import type { Route } from "../../router.ts";

const RULE = "----------------------------";
const WARNING = "This page is for people: its form may change.";

export function configzRoute(configuration: KubeletConfiguration): Route {
  const kubeletconfig = shownConfiguration(configuration);
  return { method: "GET", path: "/configz", handle: (call) => call.json({ kubeletconfig }) };
}

export function flagzRoute(flags: Readonly<Record<string, unknown>>): Route {
  const lines = Object.entries(flags).map(([name, value]) => `${name}=${String(value)}`);
  return {
    method: "GET",
    path: "/flagz",
    handle: (call) => call.text([RULE, "title: Kubernetes Flagz", WARNING, "", ...lines, ""].join("\n")),
  };
}

export function statuszRoute(info: DaemonInfo, now: () => number, paths: readonly string[]): Route {
  return {
    method: "GET",
    path: "/statusz",
    handle(call) {
      const up = Math.floor((now() - info.startedAt) / 1000);
      const clock = [up / 3600, (up % 3600) / 60, up % 60].map((part) => String(Math.floor(part)).padStart(2, "0"));
      call.text(
        [
          "kubelet statusz",
          WARNING,
          "",
          `Started: ${new Date(info.startedAt).toUTCString()}`,
          `Up: ${clock[0]} hr ${clock[1]} min ${clock[2]} sec`,
          `Binary version: ${info.version}`,
          `Paths: ${paths.join(" ")}`,
          "",
        ].join("\n"),
      );
    },
  };
}
