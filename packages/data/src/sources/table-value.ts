/**
 * What a cell of a table file becomes: 64-bit integers are numbers where these are exact, lists arrays, structures objects.
 * What is in those is `unknown`: a type that contains itself has no end when a loader says what it makes of it.
 */
export type TableValue =
  | number
  | bigint
  | boolean
  | string
  | null
  | Date
  | Uint8Array
  | readonly unknown[]
  | Readonly<Record<string, unknown>>;

/** Brings a cell of a reader's into that form. */
export function tableValue(value: unknown): TableValue {
  if (typeof value === "bigint") return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  if (value === undefined) return null;
  if (typeof value !== "object" || value === null || value instanceof Date || value instanceof Uint8Array) {
    return value as TableValue;
  }
  if (Array.isArray(value) || ArrayBuffer.isView(value) || (Symbol.iterator in value && "length" in value)) {
    return Array.from(value as Iterable<unknown>, tableValue);
  }
  const given = value as { readonly toJSON?: () => object };
  const plain = typeof given.toJSON === "function" ? given.toJSON() : value;
  return Object.fromEntries(Object.entries(plain).map(([name, item]) => [name, tableValue(item)]));
}
