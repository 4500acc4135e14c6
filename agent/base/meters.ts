// Counts and times of what the daemon does, kept as Prometheus reads them.

export type Labels = Readonly<Record<string, string>>;

export interface Sample {
  readonly labels?: Labels;
  readonly value: number;
  /** Milliseconds since the epoch. */
  readonly time?: number | undefined;
  /** `_bucket`, `_sum`, `_count` of a histogram. */
  readonly suffix?: string;
}

export interface Family {
  readonly name: string;
  readonly help: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly samples: readonly Sample[];
}

/** Whatever has families to tell of. */
export interface Meters {
  families(): readonly Family[];
}

/** Prometheus' own, of seconds. */
export const DEFAULT_BUCKETS: readonly number[] = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** Seconds between two readings of a monotonic clock. */
export function secondsBetween(begun: bigint, ended: bigint): number {
  return Number(ended - begun) / 1e9;
}

interface About {
  readonly name: string;
  readonly help: string;
  /** Label sets that are told of from the beginning, as 0. @default none */
  readonly known?: readonly Labels[] | undefined;
}

/** The series of one family, by their labels. Names of labels always come in the same order. */
class Series<T> {
  readonly #entries = new Map<string, { readonly labels: Labels; readonly value: T }>();
  readonly #make: () => T;

  constructor(make: () => T) {
    this.#make = make;
  }

  of(labels: Labels): T {
    const key = JSON.stringify(labels);
    let entry = this.#entries.get(key);
    if (entry === undefined) this.#entries.set(key, (entry = { labels, value: this.#make() }));
    return entry.value;
  }

  forget(some: Labels): void {
    for (const [key, { labels }] of this.#entries)
      if (Object.entries(some).every(([name, value]) => labels[name] === value)) this.#entries.delete(key);
  }

  get all(): readonly { readonly labels: Labels; readonly value: T }[] {
    return [...this.#entries.values()];
  }
}

class Numbers {
  readonly #about: About;
  readonly #type: "counter" | "gauge";
  protected readonly series = new Series(() => ({ value: 0 }));

  constructor(about: About, type: "counter" | "gauge") {
    this.#about = about;
    this.#type = type;
    for (const labels of about.known ?? []) this.series.of(labels);
  }

  /** Drops the series that have these labels, among others. */
  forget(some: Labels): void {
    this.series.forget(some);
  }

  get family(): Family {
    const { name, help } = this.#about;
    const samples = this.series.all.map(({ labels, value: { value } }) => ({ labels, value }));
    return { name, help, type: this.#type, samples };
  }
}

export class Counter extends Numbers {
  constructor(about: About) {
    super(about, "counter");
  }

  add(labels: Labels = {}): void {
    this.series.of(labels).value++;
  }
}

export class Gauge extends Numbers {
  constructor(about: About) {
    super(about, "gauge");
  }

  set(value: number, labels: Labels = {}): void {
    this.series.of(labels).value = value;
  }

  add(by: number, labels: Labels = {}): void {
    this.series.of(labels).value += by;
  }
}

interface Distribution {
  count: number;
  sum: number;
  /** Of what is no greater than each bound. */
  readonly upTo: number[];
}

export class Histogram {
  readonly #about: About;
  readonly #bounds: readonly number[];
  readonly #series: Series<Distribution>;

  /** `bounds` rise. */
  constructor(about: About, bounds: readonly number[] = DEFAULT_BUCKETS) {
    this.#about = about;
    this.#bounds = bounds;
    this.#series = new Series(() => ({ count: 0, sum: 0, upTo: bounds.map(() => 0) }));
    for (const labels of about.known ?? []) this.#series.of(labels);
  }

  observe(value: number, labels: Labels = {}): void {
    const entry = this.#series.of(labels);
    entry.count++;
    entry.sum += value;
    for (const [index, bound] of this.#bounds.entries())
      if (value <= bound) entry.upTo[index] = (entry.upTo[index] ?? 0) + 1;
  }

  /** Drops the series that have these labels, among others. */
  forget(some: Labels): void {
    this.#series.forget(some);
  }

  get family(): Family {
    const { name, help } = this.#about;
    const samples = this.#series.all.flatMap(({ labels, value: { count, sum, upTo } }): Sample[] => [
      ...upTo.map((value, index) => ({
        suffix: "_bucket",
        labels: { ...labels, le: String(this.#bounds[index]) },
        value,
      })),
      { suffix: "_bucket", labels: { ...labels, le: "+Inf" }, value: count },
      { suffix: "_sum", labels, value: sum },
      { suffix: "_count", labels, value: count },
    ]);
    return { name, help, type: "histogram", samples };
  }
}
