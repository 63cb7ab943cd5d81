import { FileError, openSource } from "@downhill/core/files";
import { cached, checkSourceOptions, httpUrl, type SourceInput, type SourceOptions } from "../sources/byte-stream.js";
import { asDamage } from "../sources/damage.js";
import { fetchBytes } from "../sources/fetch-bytes.js";
import { HeldBytes, tooLong, WHOLE_BYTES } from "../sources/held-bytes.js";
import { drawn } from "../pixels.js";
import type { PixelData } from "../transforms/image.js";

/** What we use of sharp. */
interface Sharp {
  autoOrient(): Sharp;
  toColourspace(space: "srgb"): Sharp;
  ensureAlpha(): Sharp;
  raw(): Sharp;
  toBuffer(options: { resolveWithObject: true }): Promise<{
    readonly data: Uint8Array;
    readonly info: { readonly width: number; readonly height: number };
  }>;
}

type MakeSharp = (bytes: Uint8Array) => Sharp;

/**
 * Reads and decodes an image: PNG, JPEG, WebP, GIF's first frame, and what else the host can. In Node `sharp` decodes it, which
 * is to be installed beside Downhill; in a page and its workers, `createImageBitmap`. It is turned as its EXIF data says.
 *
 * @throws FileError for a file that is missing, damaged or no image; where Node has no sharp.
 *
 * @example
 * const svg = new TextEncoder().encode('<svg xmlns="http://www.w3.org/2000/svg" width="2" height="3"/>');
 * const { width, height } = await loadImage(svg);
 * [width, height]; // [2, 3]
 */
export async function loadImage(input: SourceInput, options: SourceOptions = {}): Promise<PixelData> {
  checkSourceOptions("loadImage", options);
  const { name, bytes } = await wholeFile(input, options);
  options.signal?.throwIfAborted();
  const decode = typeof createImageBitmap === "function" ? decodeInPage : await nodeDecoder(name);
  try {
    return await decode(bytes);
  } catch (error) {
    throw asDamage(`${name}: is no image, or damaged (${bytes.length} bytes)`, error, options.signal);
  }
}

async function wholeFile(
  input: SourceInput,
  options: SourceOptions,
): Promise<{ readonly name: string; readonly bytes: Uint8Array<ArrayBuffer> }> {
  const url = httpUrl(input);
  if (url !== null && options.cache === undefined) {
    const held = new HeldBytes(options, WHOLE_BYTES);
    for await (const { bytes } of fetchBytes(url, options)) held.add(bytes, () => url);
    return { name: url, bytes: held.take() };
  }
  const place = url === null ? input : await cached("loadImage", url, options.cache!, options);
  const source = await openSource("loadImage", place);
  try {
    const { maxBytes = WHOLE_BYTES } = options;
    if (source.size > maxBytes) throw tooLong(source.name, maxBytes);
    const bytes = (await source.read(0, source.size)) as Uint8Array<ArrayBuffer>;
    if (url === null) options.onProgress?.({ bytes: source.size, total: source.size });
    return { name: url ?? source.name, bytes };
  } finally {
    await source.close?.();
  }
}

async function decodeInPage(bytes: Uint8Array<ArrayBuffer>): Promise<PixelData> {
  const bitmap = await createImageBitmap(new Blob([bytes]), {
    premultiplyAlpha: "none",
    colorSpaceConversion: "none",
  });
  try {
    return drawn("loadImage", bitmap, bitmap.width, bitmap.height);
  } finally {
    bitmap.close();
  }
}

async function nodeDecoder(file: string): Promise<(bytes: Uint8Array) => Promise<PixelData>> {
  const sharp = await findSharp(file);
  return async (bytes) => {
    const image = sharp(bytes).autoOrient().toColourspace("srgb").ensureAlpha().raw();
    const { data, info } = await image.toBuffer({ resolveWithObject: true });
    return {
      data: new Uint8ClampedArray(data.buffer, data.byteOffset, data.length),
      width: info.width,
      height: info.height,
    };
  };
}

async function findSharp(file: string): Promise<MakeSharp> {
  const name = "sharp"; // in a variable: no bundler looks for what only Node may have
  try {
    const module = (await import(/* @vite-ignore */ /* webpackIgnore: true */ name)) as { readonly default: MakeSharp };
    return module.default;
  } catch (error) {
    const missing = new FileError(`${file}: there is nothing here that decodes images`, "npm install sharp");
    missing.cause = error;
    throw missing;
  }
}
