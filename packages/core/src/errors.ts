/** What every error of Downhill extends: a message that names the op, the problem, the values, and perhaps a way out. */
export class DownhillError extends Error {
  override name = "DownhillError";
  constructor(message: string, hint?: string) {
    super(hint === undefined ? message : `${message}\n  hint: ${hint}`);
  }
}

/** A shape, a dim or a size that does not fit. */
export class ShapeError extends DownhillError {
  override name = "ShapeError";
}

/** A dtype that the op does not take. */
export class DTypeError extends DownhillError {
  override name = "DTypeError";
}

/** An index outside its range. */
export class IndexError extends DownhillError {
  override name = "IndexError";
}

/** An argument or option with a value that is not allowed. */
export class ValueError extends DownhillError {
  override name = "ValueError";
}

/** A backward pass that cannot be done: no graph, a freed graph, a gradient of the wrong kind. */
export class GradientError extends DownhillError {
  override name = "GradientError";
}

/** A value that was needed again after an in-place update had overwritten what it is computed from. */
export class VersionError extends GradientError {
  override name = "VersionError";
}

/** A device that is missing, or tensors of different devices in one op. */
export class DeviceError extends DownhillError {
  override name = "DeviceError";
}

/** No room on a device for what an op needs; the message says what holds how much. */
export class MemoryError extends DownhillError {
  override name = "MemoryError";
}

/** A function that `compile` cannot trace: it reads a value, returns a Promise, or leaves what it can repeat. */
export class TraceError extends DownhillError {
  override name = "TraceError";
}

/** Formats a value for an error message: strings quoted, arrays in brackets, long things cut. */
export function show(value: unknown): string {
  if (typeof value === "string") return JSON.stringify(value);
  if (typeof value === "bigint") return `${String(value)}n`;
  if (Array.isArray(value)) {
    const head = value.slice(0, 8).map(show).join(", ");
    return value.length > 8 ? `[${head}, …]` : `[${head}]`;
  }
  if (typeof value === "function") return `function ${value.name || "(anonymous)"}`;
  if (value !== null && typeof value === "object") {
    const shape = (value as { shape?: unknown }).shape;
    const name = value.constructor?.name ?? "object";
    return Array.isArray(shape)
      ? `${name}(${show(shape)})`
      : name === "Object"
        ? `{${Object.keys(value).join(", ")}}`
        : name;
  }
  return String(value);
}

/**
 * Throws when `options` holds a name that the function does not know: TypeScript says so at compile time, JavaScript
 * callers learn it here.
 */
export function checkOptions(where: string, options: object | undefined, known: readonly string[]): void {
  if (options !== undefined) checkGiven(where, options, known);
}

function checkGiven(where: string, options: object, known: readonly string[]): void {
  if (options === null || typeof options !== "object" || Array.isArray(options)) {
    throw new ValueError(`${where}: options must be an object, got ${show(options)}`);
  }
  for (const name of Object.keys(options)) {
    if (!known.includes(name)) {
      throw new ValueError(
        `${where}: unknown option ${show(name)}`,
        `it takes ${known.length ? known.join(", ") : "no options"}`,
      );
    }
    if (flags.has(name)) checkFlag(`${where}: ${name}`, (options as Record<string, unknown>)[name]);
  }
}

// Options that are on or off, wherever they occur: the text "false" would count as true.
const flags: ReadonlySet<string> = new Set(
  "keepdim requiresGrad descending stable largest sorted accumulate replacement unbiased createGraph retainGraph allowUnused".split(
    " ",
  ),
);

/** Throws unless a value is true, false or left out. */
export function checkFlag(what: string, value: unknown): void {
  if (value === undefined || typeof value === "boolean") return;
  throw new ValueError(`${what} must be true or false, got ${show(value)}`);
}

/** Throws unless a value is a function. */
export function checkFunction(where: string, fn: unknown, hint?: string): void {
  if (typeof fn !== "function") throw new ValueError(`${where}: takes a function, got ${show(fn)}`, hint);
}
