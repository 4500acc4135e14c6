// Devices that the Node had in another life of this machine. Pure.

import { isExtendedResource } from "../../deviceplugins/resource-names.ts";

/** What a new node finds of extended resources at the server is nobody's, until the server no longer says it: a patch may get lost. */
export class FormerDevices {
  readonly #isNew: () => boolean;
  #amounts: Map<string, string> | undefined;

  /** `isNew`: nothing is known of an earlier life of this node. */
  constructor(isNew: () => boolean) {
    this.#isNew = isNew;
  }

  /** Names of what is to be taken back. `capacity`: as the server has it now; undefined: it has none. */
  of(capacity: Readonly<Record<string, string>> | undefined): ReadonlySet<string> {
    if (capacity === undefined) return new Set();
    this.#amounts ??= new Map(
      this.#isNew() ? Object.entries(capacity).filter(([name]) => isExtendedResource(name)) : [],
    );
    for (const [name, amount] of this.#amounts) if (capacity[name] !== amount) this.#amounts.delete(name);
    return new Set(this.#amounts.keys());
  }
}
