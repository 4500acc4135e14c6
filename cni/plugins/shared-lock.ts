// Many at a time, or one alone.

type Task<T> = () => Promise<T>;

/** Those who want it alone wait for those who share it, and hold up those who come after. */
export class SharedLock {
  #sharing = 0;
  #alone = false;
  readonly #waiting: { readonly alone: boolean; readonly enter: () => void }[] = [];

  async shared<T>(task: Task<T>): Promise<T> {
    await this.#enter(false);
    try {
      return await task();
    } finally {
      this.#sharing--;
      this.#next();
    }
  }

  async exclusive<T>(task: Task<T>): Promise<T> {
    await this.#enter(true);
    try {
      return await task();
    } finally {
      this.#alone = false;
      this.#next();
    }
  }

  #enter(alone: boolean): Promise<void> {
    const entered = new Promise<void>((enter) => this.#waiting.push({ alone, enter }));
    this.#next();
    return entered;
  }

  #next(): void {
    for (let first = this.#waiting[0]; first !== undefined; first = this.#waiting[0]) {
      if (this.#alone || (first.alone && this.#sharing > 0)) return;
      this.#waiting.shift();
      if (first.alone) this.#alone = true;
      else this.#sharing++;
      first.enter();
    }
  }
}
