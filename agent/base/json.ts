// JSON for records and -o json: 64-bit integers are kept exactly.

/** A bigint in a record is written as `{"$int64": "123"}`, so that reading gives the same value back. */
export function encodeRecord(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === "bigint" ? { $int64: item.toString() } : item,
  );
}

export function decodeRecord<T>(text: string): T {
  return JSON.parse(text, (_key, item: unknown) => {
    if (typeof item === "object" && item !== null && "$int64" in item && typeof item.$int64 === "string") {
      return BigInt(item.$int64);
    }
    return item;
  }) as T;
}

/** JSON for people and their programs, as protobuf's JSON mapping has it: a 64-bit integer is a string. */
export function toDisplayJson(value: unknown, indent = 2): string {
  return JSON.stringify(value, (_key, item: unknown) => (typeof item === "bigint" ? item.toString() : item), indent);
}
