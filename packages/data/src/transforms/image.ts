import { Tensor, ValueError } from "@downhill/core";
import { show } from "@downhill/core/engine";

/** An image in the host's memory: planes of floats, usually from 0 to 1, shape [channels, height, width]. */
export interface Image {
  readonly data: Float32Array;
  readonly shape: readonly [channels: number, height: number, width: number];
}

/** What a canvas and image decoders give: bytes of red, green, blue and alpha, pixel by pixel. An ImageData is one. */
export interface PixelData {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Brings an image into planes of floats. Bytes become 0 to 1; alpha is left out. */
export function imageOf(where: string, input: Image | PixelData): Image {
  const { data, shape, width, height } = Object(input) as {
    data?: unknown;
    shape?: unknown;
    width?: number;
    height?: number;
  };
  if (data instanceof Float32Array && Array.isArray(shape) && shape.length === 3) {
    const [channels, rows, columns] = shape as unknown as Image["shape"];
    if (channels * rows * columns === data.length) return input as Image;
    throw new ValueError(
      `${where}: an image of shape ${show(shape)} has ${channels * rows * columns} values, got ${data.length}`,
    );
  }
  if ((data instanceof Uint8ClampedArray || data instanceof Uint8Array) && data.length === 4 * width! * height!) {
    return fromPixels(data, width!, height!);
  }
  throw new ValueError(
    `${where}: expects an image, { data: Float32Array, shape: [channels, height, width] } or an ImageData, got ${show(input)}`,
    input instanceof Tensor ? "put toTensor last: the other transforms work on the host's memory" : undefined,
  );
}

function fromPixels(bytes: Uint8Array | Uint8ClampedArray, width: number, height: number): Image {
  const size = width * height;
  const data = new Float32Array(3 * size);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < size; i++) data[channel * size + i] = bytes[4 * i + channel]! / 255;
  }
  return { data, shape: [3, height, width] };
}

/** Where a pixel of the new image is taken from in the old one, as a column and a row. */
export type Locate = (column: number, row: number) => readonly [column: number, row: number];

/** Makes an image of another size by bilinear interpolation. Beyond the edge lies `fill`, or the edge itself for null. */
export function sampled(image: Image, height: number, width: number, locate: Locate, fill: number | null): Image {
  const [channels, rows, columns] = image.shape;
  const data = new Float32Array(channels * height * width);
  const read = (channel: number, row: number, column: number): number => {
    const inside = row >= 0 && row < rows && column >= 0 && column < columns;
    if (!inside && fill !== null) return fill;
    const [y, x] = [Math.min(Math.max(row, 0), rows - 1), Math.min(Math.max(column, 0), columns - 1)];
    return image.data[(channel * rows + y) * columns + x]!;
  };
  for (let row = 0; row < height; row++) {
    for (let column = 0; column < width; column++) {
      const [x, y] = locate(column, row);
      const [left, top] = [Math.floor(x), Math.floor(y)];
      const [right, low] = [x - left, y - top];
      for (let channel = 0; channel < channels; channel++) {
        data[(channel * height + row) * width + column] =
          (1 - low) * ((1 - right) * read(channel, top, left) + right * read(channel, top, left + 1)) +
          low * ((1 - right) * read(channel, top + 1, left) + right * read(channel, top + 1, left + 1));
      }
    }
  }
  return { data, shape: [channels, height, width] };
}

/** Height and width from one number or two. */
export function sizeOfImage(
  where: string,
  size: number | readonly [height: number, width: number],
): readonly [number, number] {
  const [height, width] = typeof size === "number" ? [size, size] : size;
  if (Number.isInteger(height) && Number.isInteger(width) && height > 0 && width > 0) return [height, width];
  throw new ValueError(`${where}: size must be an integer of 1 or more, or [height, width], got ${show(size)}`);
}
