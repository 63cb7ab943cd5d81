import { consoleFor } from "./console.js";
import type { CurveKind, RunEvent } from "./event.js";
import { type ImageOptions, pictureOf } from "./picture.js";
import { numbersOf, type Values } from "./values.js";

/** Where programs say things, and hear from the visitor. */
export interface Host {
  readonly emit: (event: RunEvent) => void;
  /** Hands over each answer to question `id`. */
  readonly listen: (id: number, hear: (value: unknown) => void) => void;
}

export interface PlotOptions {
  /** What the curve is called; a plot with the same name takes its place. */
  readonly name?: string;
  readonly kind?: CurveKind;
}

/** What a program has without importing it; declared for the editor in `stage-globals.d.ts`. */
export interface Stage {
  readonly console: Partial<Console>;
  plot(values: Readonly<Record<string, number>>, x?: number): void;
  plot(y: Values, options?: PlotOptions): void;
  plot(x: Values, y: Values, options?: PlotOptions): void;
  image(pixels: Values, options?: ImageOptions): void;
  progress<T>(source: Iterable<T> | AsyncIterable<T>, options?: { label?: string; total?: number }): AsyncGenerator<T>;
  ask(question: string, suggestion?: string): Promise<string>;
  drawings(size?: number): AsyncGenerator<Float32Array>;
}

/** The names of a Stage, and a Promise of all that they still have to read. */
export function openStage(host: Host): { readonly scope: Stage; readonly settled: () => Promise<void> } {
  // Values are read asynchronously, and are shown in the order in which they were given.
  let tail: Promise<void> = Promise.resolve();
  const failures: unknown[] = [];
  const later = (make: () => Promise<RunEvent>): void => {
    const event = make(); // now: a read takes the value as of its call
    tail = tail.then(async () => host.emit(await event)).catch((error: unknown) => void failures.push(error));
  };
  let questions = 0;

  const scope: Stage = {
    console: consoleFor(host.emit),
    plot: (first: Values | Readonly<Record<string, number>>, second?: unknown, third?: PlotOptions) => {
      if (isPoint(first)) {
        const x = typeof second === "number" ? { x: second } : {};
        host.emit({ type: "point", values: onlyNumbers(first), ...x });
        return;
      }
      const hasBoth = isValues(second);
      const { name = "curve", kind = "line" } = (hasBoth ? third : (second as PlotOptions | undefined)) ?? {};
      later(async () => {
        const [a, b] = await Promise.all([numbersOf("plot", first), hasBoth ? numbersOf("plot", second) : null]);
        const y = Float64Array.from(b === null ? a.data : b.data);
        const x = b === null ? Float64Array.from(y, (_, i) => i) : Float64Array.from(a.data);
        if (x.length !== y.length) throw new RangeError(`plot: ${x.length} values of x for ${y.length} of y`);
        return { type: "curve", name, x, y, kind };
      });
    },
    image: (pixels, options = {}) =>
      later(async () => ({ type: "image", name: options.name ?? "image", picture: await pictureOf(pixels, options) })),
    progress: (source, options) => watched(source, options, host),
    ask: (question, suggestion = "") => {
      const id = ++questions;
      return new Promise((resolve) => {
        host.listen(id, (value) => resolve(String(value)));
        host.emit({ type: "ask", id, question, suggestion });
      });
    },
    drawings: (size = 28) => drawn(host, ++questions, size),
  };
  return {
    scope,
    settled: async () => {
      await tail;
      if (failures.length > 0) throw failures[0];
    },
  };
}

function isPoint(value: object): value is Readonly<Record<string, number>> {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
}

const isValues = (value: unknown): value is Values => typeof value === "object" && value !== null && !isPoint(value);

function onlyNumbers(values: Readonly<Record<string, unknown>>): Record<string, number> {
  for (const [name, value] of Object.entries(values)) {
    if (typeof value === "number") continue;
    throw new TypeError(
      `plot: ${name} must be a number, got ${typeof value === "object" ? "an object" : typeof value}\n` +
        `  hint: of a tensor, plot({ ${name}: await ${name}.item() })`,
    );
  }
  return values as Record<string, number>;
}

const betweenReports = 100;

async function* watched<T>(
  source: Iterable<T> | AsyncIterable<T>,
  { label = "", total = lengthOf(source) }: { label?: string; total?: number | undefined } = {},
  host: Host,
): AsyncGenerator<T> {
  let done = 0;
  let reported = -Infinity;
  const report = (): void => {
    reported = performance.now();
    host.emit({ type: "progress", label, done, total });
  };
  report();
  for await (const item of source) {
    yield item;
    done++;
    if (performance.now() - reported >= betweenReports) report();
  }
  report();
}

function lengthOf(source: object): number | undefined {
  try {
    const { length, size } = source as { length?: unknown; size?: unknown };
    return [length, size].find((count): count is number => typeof count === "number");
  } catch {
    return undefined; // a loader's `length` throws where its sampler has none
  }
}

/** Each drawing as it is when the program has time for it; those in between are skipped. */
async function* drawn(host: Host, id: number, size: number): AsyncGenerator<Float32Array> {
  let newest: Float32Array | null = null;
  let wake: () => void = () => undefined;
  host.listen(id, (value) => {
    newest = value as Float32Array;
    wake();
  });
  host.emit({ type: "pad", id, size });
  for (;;) {
    while (newest === null) await new Promise<void>((resolve) => (wake = resolve));
    const drawing: Float32Array = newest;
    newest = null;
    yield drawing;
  }
}
