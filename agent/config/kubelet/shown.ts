// A configuration as it is shown, and what of it does nothing.

import type { KubeletConfiguration } from "./configuration.ts";
import { allFields } from "./tree.ts";

const HIDDEN = "<masked>";

/** Without what may be a secret: headers and the query of an address. */
export function shownConfiguration(configuration: KubeletConfiguration): KubeletConfiguration {
  const { staticPodURLHeader, staticPodURL } = configuration;
  return {
    ...configuration,
    ...(staticPodURL === undefined || staticPodURL === "" ? {} : { staticPodURL: withoutSecrets(staticPodURL) }),
    ...(staticPodURLHeader === undefined
      ? {}
      : { staticPodURLHeader: Object.fromEntries(Object.keys(staticPodURLHeader).map((name) => [name, [HIDDEN]])) }),
  };
}

function withoutSecrets(address: string): string {
  const url = new URL(address);
  url.username = "";
  url.password = "";
  if (url.search !== "") url.search = "";
  return url.href;
}

/** Of the fields at these dotted paths. */
export function fieldsWithoutEffect(given: ReadonlySet<string>): string[] {
  return allFields.filter(([path, field]) => given.has(path) && field.without === "effect").map(([path]) => path);
}
