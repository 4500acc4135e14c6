// Undoing what was done when a later step fails.

type Undo = () => void | Promise<void>;

/**
 * Holds how to undo each step taken so far:
 *
 *     await using rollback = new Rollback();
 *     const fd = open(); rollback.defer(() => close(fd));
 *     ...
 *     rollback.commit();
 *
 * Left without commit, by an error or not, it undoes the steps in reverse. Every undo runs, even if one before it fails.
 */
export class Rollback implements AsyncDisposable {
  readonly #steps: Undo[] = [];

  defer(undo: Undo): void {
    this.#steps.push(undo);
  }

  /** Keeps what was done. The steps are forgotten; later ones can be deferred again. */
  commit(): void {
    this.#steps.length = 0;
  }

  /** Undoes now. What fails is thrown afterwards: the error itself, or an AggregateError of several. */
  async undo(): Promise<void> {
    const errors: unknown[] = [];
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        await step();
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length === 1) throw errors[0];
    if (errors.length > 1) throw new AggregateError(errors, `${errors.length} steps could not be undone`);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.undo();
  }
}
