import { type Device, DeviceError, ShapeError, type Tensor, ValueError } from "@downhill/core";
import { checkOptions, fromOwned, show } from "@downhill/core/engine";
import type { PixelData } from "./transforms/image.js";

/** What has pixels: an ImageData or what is like it, a canvas, an ImageBitmap, an image or video of the page, a VideoFrame. */
export type PixelSource = PixelData | CanvasImageSource;

/** What `fromPixels` takes. */
export interface FromPixelsOptions {
  /** Red, green and blue; with alpha; or one of their luminance, as PIL's "L". Default: 3. */
  readonly channels?: 1 | 3 | 4;
  /** float32 from 0 to 1, or the bytes as uint8. Default: float32. */
  readonly dtype?: "float32" | "uint8";
  readonly device?: string | Device;
}

/**
 * Makes a tensor of shape [channels, height, width] of pixels: of what a canvas gives (an ImageData), and in a page of a canvas
 * itself, an ImageBitmap, an image, the frame that a video shows, a VideoFrame. Same as torchvision's to_tensor.
 *
 * @throws ValueError for what has no pixels, or none yet; DeviceError where there is no canvas to draw it on.
 *
 * @example
 * const pixels = { data: Uint8ClampedArray.of(255, 0, 0, 255), width: 1, height: 1 }; // context.getImageData(…) gives such
 * fromPixels(pixels).shape; // [3, 1, 1]
 */
export function fromPixels(source: PixelSource, options: FromPixelsOptions = {}): Tensor {
  const where = "fromPixels";
  checkOptions(where, options, ["channels", "dtype", "device"]);
  const { channels = 3, dtype = "float32", device } = options;
  if (channels !== 1 && channels !== 3 && channels !== 4)
    throw new ValueError(`${where}: channels must be 1, 3 or 4, got ${show(channels)}`);
  if (dtype !== "float32" && dtype !== "uint8")
    throw new ValueError(`${where}: dtype must be float32 or uint8, got ${show(dtype)}`);
  const { data, width, height } = pixelsOf(where, source);
  const size = width * height;
  const planes = dtype === "uint8" ? new Uint8Array(channels * size) : new Float32Array(channels * size);
  const scale = dtype === "uint8" ? 1 : 255;
  for (let i = 0; i < size; i++) {
    const [red, green, blue] = [data[4 * i]!, data[4 * i + 1]!, data[4 * i + 2]!];
    if (channels === 1) {
      // ITU-R 601, in PIL's integers.
      planes[i] = ((19595 * red + 38470 * green + 7471 * blue + 0x8000) >> 16) / scale;
      continue;
    }
    planes[i] = red / scale;
    planes[size + i] = green / scale;
    planes[2 * size + i] = blue / scale;
    if (channels === 4) planes[3 * size + i] = data[4 * i + 3]! / scale;
  }
  return fromOwned(where, planes, [channels, height, width], dtype, device === undefined ? {} : { device });
}

/** The bytes of what has pixels; drawn on a canvas where it does not give them itself. */
function pixelsOf(where: string, source: PixelSource): PixelData {
  const given = Object(source) as Partial<PixelData> & Partial<Record<string, unknown>>;
  const { data, width, height } = given;
  if (data instanceof Uint8ClampedArray || data instanceof Uint8Array) {
    if (data.length === 4 * width! * height!) return source as PixelData;
    throw new ValueError(
      `${where}: ${show(width)} x ${show(height)} pixels have 4 bytes each, got ${data.length} bytes`,
    );
  }
  const [columns, rows] = [
    given.displayWidth ?? given.videoWidth ?? given.naturalWidth ?? width,
    given.displayHeight ?? given.videoHeight ?? given.naturalHeight ?? height,
  ];
  if (typeof columns !== "number" || typeof rows !== "number") {
    throw new ValueError(
      `${where}: expects an ImageData, a canvas, an ImageBitmap, an image, a video or a VideoFrame, got ${show(source)}`,
      "files are decoded by loadImage",
    );
  }
  if (columns === 0 || rows === 0) {
    throw new ValueError(`${where}: the source has ${columns} x ${rows} pixels`, "wait until it has loaded");
  }
  return drawn(where, source as CanvasImageSource, columns, rows);
}

/** Draws something that a page can show, and gives its bytes. */
export function drawn(where: string, source: CanvasImageSource, width: number, height: number): PixelData {
  if (typeof OffscreenCanvas === "undefined") {
    throw new DeviceError(`${where}: there is no canvas here`, "pass the bytes: { data, width, height }");
  }
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true })!;
  context.drawImage(source, 0, 0, width, height);
  return context.getImageData(0, 0, width, height);
}

/** A canvas, on a page or off it. */
export type CanvasLike = HTMLCanvasElement | OffscreenCanvas;

/**
 * Reads a tensor as pixels: float values from 0 to 1 or uint8, of shape [height, width] or [channels, height, width] with 1, 3 or
 * 4 channels. Gives an ImageData in a page, elsewhere what has the same members. With a canvas it is drawn there too.
 *
 * @example
 * const { data } = await toPixels(tensor([[0, 0.5]]));
 * data.join(); // '0,0,0,255,128,128,128,255'
 */
export async function toPixels(x: Tensor, canvas?: CanvasLike): Promise<PixelData> {
  const where = "toPixels";
  const [channels, height, width] = x.ndim === 2 ? [1, ...x.shape] : x.shape;
  if ((x.ndim !== 2 && x.ndim !== 3) || ![1, 3, 4].includes(channels!)) {
    throw new ShapeError(
      `${where}: an image has the shape [height, width] or [1, 3 or 4, height, width], got ${show(x.shape)}`,
      x.ndim === 4 ? "one of a batch: x.at(0)" : undefined,
    );
  }
  const values = await x.data();
  const size = height! * width!;
  const scale = x.dtype === "uint8" ? 1 : 255;
  const data = new Uint8ClampedArray(4 * size).fill(255); // which rounds, and cuts at 0 and 255
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < Math.max(channels!, 3); k++) {
      data[4 * i + k] = values[(channels === 1 ? 0 : k * size) + i]! * scale;
    }
  }
  if (typeof ImageData === "undefined") return { data, width: width!, height: height! };
  const image = new ImageData(data, width!, height);
  if (canvas !== undefined) {
    canvas.width = width!;
    canvas.height = height!;
    (canvas.getContext("2d") as CanvasRenderingContext2D).putImageData(image, 0, 0);
  }
  return image;
}

/**
 * Makes a VideoFrame of a tensor, of the shapes that `toPixels` takes: for encoders and streams of a page. `timestamp` is in
 * microseconds.
 *
 * @example
 * const frame = typeof VideoFrame === "undefined" ? null : await toVideoFrame(rand([3, 16, 16]), { timestamp: 0 });
 */
export async function toVideoFrame(x: Tensor, { timestamp }: { readonly timestamp: number }): Promise<VideoFrame> {
  const { data, width, height } = await toPixels(x);
  if (typeof VideoFrame === "undefined") throw new DeviceError("toVideoFrame: there are no video frames here");
  return new VideoFrame(data, { format: "RGBA", codedWidth: width, codedHeight: height, timestamp });
}
