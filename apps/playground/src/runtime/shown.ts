/** A value as the console shows it: a text, and what is in it for those who look. Can be sent to a page. */
export interface Shown {
  readonly kind: "text" | "number" | "plain" | "tensor" | "object";
  readonly text: string;
  readonly parts?: readonly (readonly [name: string, value: Shown])[];
}

/** How tensors and modules say what Node's console shows of them. */
const inspect: unique symbol = Symbol.for("nodejs.util.inspect.custom");

const deepest = 3;
const mostParts = 100;
const longestLine = 76;
const longestText = 20_000;

/** Describes a value: tensors as PyTorch prints them, modules as a tree, the rest much as Node does. Never throws. */
export function show(value: unknown): Shown {
  if (typeof value === "string") return { kind: "text", text: cut(value) };
  return describe(value, 0, new Set());
}

function describe(value: unknown, depth: number, above: ReadonlySet<object>): Shown {
  if (typeof value === "string") return { kind: "text", text: cut(JSON.stringify(value)) };
  if (typeof value === "number") return { kind: "number", text: Object.is(value, -0) ? "-0" : String(value) };
  if (typeof value === "bigint") return { kind: "number", text: `${value}n` };
  if (typeof value === "function") return { kind: "plain", text: `[function ${value.name || "anonymous"}]` };
  if (typeof value !== "object" || value === null) return { kind: "plain", text: String(value) };
  if (above.has(value)) return { kind: "plain", text: "[circular]" };
  try {
    return describeObject(value, depth, new Set([...above, value]));
  } catch (error) {
    return { kind: "plain", text: `[${error instanceof Error ? error.message : "cannot be shown"}]` };
  }
}

function describeObject(value: object, depth: number, above: ReadonlySet<object>): Shown {
  const inside = (part: unknown): Shown => describe(part, depth + 1, above);
  if (isTensor(value)) {
    const { shape, dtype, device, requiresGrad, grad } = value;
    const facts: [string, Shown][] = [
      ["shape", inside(shape)],
      ["dtype", { kind: "plain", text: dtype }],
      ["device", { kind: "plain", text: device.name }],
      ["requiresGrad", inside(requiresGrad)],
      ...(grad === null ? [] : [["grad", inside(grad)] as [string, Shown]]),
    ];
    return { kind: "tensor", text: cut(asPrinted(value, shape)), parts: facts };
  }
  if (value instanceof Error) return { kind: "plain", text: `${value.name}: ${value.message}` };
  if (value instanceof Date) return { kind: "plain", text: value.toISOString() };
  const printed = (value as { [inspect]?: () => unknown })[inspect]?.() ?? null;
  const entries = depth < deepest ? partsOf(value) : [];
  const parts = entries.slice(0, mostParts).map(([name, part]) => [name, inside(part)] as const);
  if (typeof printed === "string") return { kind: "object", text: cut(printed), parts };
  const text = depth < deepest ? listed(value, parts, entries.length) : `[${nameOf(value)}]`;
  return { kind: "object", text: cut(text), parts };
}

/** The values of a tensor that is gone cannot be printed; the console says so instead of failing. */
function asPrinted(tensor: TensorLike, shape: readonly number[]): string {
  try {
    return tensor.toString();
  } catch (error) {
    return `tensor(shape=[${shape.join(", ")}]: ${error instanceof Error ? error.message : String(error)})`;
  }
}

function partsOf(value: object): (readonly [string, unknown])[] {
  if (Array.isArray(value) || isTyped(value)) return Array.from(value, (part, i) => [String(i), part] as const);
  if (value instanceof Map) return Array.from(value, ([key, part]) => [keyText(key), part] as const);
  if (value instanceof Set) return Array.from(value, (part, i) => [String(i), part] as const);
  return Object.entries(value);
}

const keyText = (key: unknown): string => (typeof key === "string" ? JSON.stringify(key) : String(key));

/** `[ 1, 2 ]` on one line where it fits, else a part on each line. */
function listed(value: object, parts: Shown["parts"] & object, count: number): string {
  const isList = Array.isArray(value) || isTyped(value) || value instanceof Set;
  const arrow = value instanceof Map ? " => " : ": ";
  const name = nameOf(value);
  const before =
    name === "Object" || name === "Array" ? "" : `${name}${isList || value instanceof Map ? `(${count})` : ""} `;
  const [open, close] = Array.isArray(value) || isTyped(value) ? ["[", "]"] : ["{", "}"];
  if (parts.length === 0) return `${before}${open}${close}`;
  const texts = parts.map(([key, part]) => (isList ? part.text : `${key}${arrow}${part.text}`));
  if (count > parts.length) texts.push(`… ${count - parts.length} more`);
  const line = `${before}${open} ${texts.join(", ")} ${close}`;
  if (line.length <= longestLine && !line.includes("\n")) return line;
  return `${before}${open}\n${texts.map((text) => `  ${text.replaceAll("\n", "\n  ")}`).join(",\n")}\n${close}`;
}

const nameOf = (value: object): string => (value.constructor as { name?: string } | undefined)?.name ?? "Object";

const cut = (text: string): string =>
  text.length <= longestText ? text : `${text.slice(0, longestText)}… ${text.length - longestText} more characters`;

type TypedList = ArrayLike<number | bigint> & Iterable<number | bigint>;
const isTyped = (value: object): value is TypedList => ArrayBuffer.isView(value) && !(value instanceof DataView);

interface TensorLike {
  readonly shape: readonly number[];
  readonly dtype: string;
  readonly device: { readonly name: string };
  readonly requiresGrad: boolean;
  readonly grad: unknown;
  toString(): string;
}

/** By its members, so that showing a number loads no package. */
const isTensor = (value: object): value is TensorLike =>
  "shape" in value && "dtype" in value && "device" in value && "requiresGrad" in value;
