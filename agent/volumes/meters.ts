// Counts and times the setting up of volumes, under kubelet's names.

import type { Clock } from "../base/clock.ts";
import { type Family, Histogram, type Meters, secondsBetween } from "../base/meters.ts";

export type MountStatus = "success" | "fail-unknown" | "cancelled";

/** Kubelet's, in seconds. */
const BOUNDS: readonly number[] = [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600];

export class VolumeMeters implements Meters {
  readonly #operations = new Histogram(
    {
      name: "storage_operation_duration_seconds",
      help: "Seconds that the setting up of volumes took, by their kind and by how it ended.",
    },
    BOUNDS,
  );

  readonly #clock: Pick<Clock, "monotonic">;

  constructor(clock: Pick<Clock, "monotonic">) {
    this.#clock = clock;
  }

  /** `plugin` as kubelet names the kind: `kubernetes.io/empty-dir`. Call what it returns when it is set up, or not. */
  mounting(plugin: string): (status: MountStatus) => void {
    const begun = this.#clock.monotonic();
    return (status) => {
      const labels = { migrated: "false", operation_name: "volume_mount", status, volume_plugin: plugin };
      this.#operations.observe(secondsBetween(begun, this.#clock.monotonic()), labels);
    };
  }

  families(): readonly Family[] {
    return [this.#operations.family];
  }
}
