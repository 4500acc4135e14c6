import type { Clock } from "../base/clock.ts";
import type { KubeClient } from "./client.ts";
import { createHttpClient } from "./http-client.ts";
import type { Kubeconfig } from "./kubeconfig.ts";
import type { Rate } from "./rate-limit.ts";
import { userCredentials } from "./user-credentials.ts";

export interface ConnectOptions {
  readonly clock: Clock;
  readonly userAgent: string;
  readonly rate?: Rate | undefined;
}

/** A client as the user of a kubeconfig. Nothing is sent yet. */
export function connect(kubeconfig: Kubeconfig, options: ConnectOptions): KubeClient {
  return createHttpClient({
    ...options,
    endpoint: kubeconfig.endpoint,
    credentials: userCredentials(kubeconfig, options.clock),
  });
}
