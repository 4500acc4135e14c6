// A plain object with some fields changed: for what the generated types call classes and JSON has as objects.

export function changed<T extends object>(value: T | undefined, changes: Partial<T>): T {
  return Object.assign({}, value, changes);
}
