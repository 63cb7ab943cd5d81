/** What a program of the playground has without importing it. Also what the editor tells visitors about it. */

/** A tensor, a typed array, or lists of numbers. */
// eslint-disable-next-line @typescript-eslint/consistent-type-imports -- with an import at its top these were no globals
type Values = import("@downhill/core").Tensor | ArrayLike<number> | readonly (readonly number[])[];

/**
 * Adds a point to the live curves of these names: `plot({ loss: await loss.item() })`. Curves of several runs lie over
 * each other.
 *
 * @param x Where it lies; by default one after the other.
 */
declare function plot(values: Readonly<Record<string, number>>, x?: number): void;
/** Draws a curve as a whole: y over its places, or over x. One with the same name takes its place. */
declare function plot(y: Values, options?: { readonly name?: string; readonly kind?: "line" | "points" }): void;
declare function plot(
  x: Values,
  y: Values,
  options?: { readonly name?: string; readonly kind?: "line" | "points" },
): void;

/**
 * Shows a picture, in the place of the one with its name: [h, w], [c, h, w] with 1 or 3 channels, or several as
 * [n, h, w] or [n, c, h, w]. Values go from 0 to 1 (255 for uint8).
 */
declare function image(
  pixels: Values,
  options?: {
    readonly name?: string;
    /** Columns, where the shape does not say. */
    readonly width?: number;
    /** For single values: shades of grey, or blue over white to orange for -1 to 1. */
    readonly colors?: "gray" | "diverging";
    /** The values of the darkest and the lightest shade. */
    readonly range?: readonly [number, number];
    /** Points to draw over it, x and y (downwards) from 0 to 1, and their classes. */
    readonly points?: { readonly x: Values; readonly y: Values; readonly classes?: Values };
  },
): void;

/** Yields what a loader, an array or a generator yields, and shows how far the loop has come. */
declare function progress<T>(
  source: Iterable<T> | AsyncIterable<T>,
  options?: { readonly label?: string; readonly total?: number },
): AsyncGenerator<T>;

/** Asks the visitor for a text. */
declare function ask(question: string, suggestion?: string): Promise<string>;

/** Yields what the visitor draws, size × size values from 0 to 1, each time it has changed. */
declare function drawings(size?: number): AsyncGenerator<Float32Array>;
