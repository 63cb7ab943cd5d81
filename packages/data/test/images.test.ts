import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { tensor } from "@downhill/core";
import { FileError } from "@downhill/core/files";
import sharp from "sharp";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { DataLoader, fromPixels, ImageFolder, loadImage, toPixels, toVideoFrame, transforms } from "../src/index.js";

const solid = (width: number, height: number, background: { r: number; g: number; b: number; alpha?: number }) =>
  sharp({ create: { width, height, channels: background.alpha === undefined ? 3 : 4, background } });

let folder: string;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "images-"));
  mkdirSync(join(folder, "cats/young"), { recursive: true });
  mkdirSync(join(folder, "dogs"));
  await solid(4, 3, { r: 255, g: 0, b: 0 }).png().toFile(join(folder, "dogs/b.png"));
  await solid(4, 3, { r: 0, g: 255, b: 0 }).webp({ lossless: true }).toFile(join(folder, "cats/young/z.webp"));
  await solid(4, 3, { r: 0, g: 0, b: 255 }).png().toFile(join(folder, "cats/a.PNG"));
  writeFileSync(join(folder, "dogs/notes.txt"), "no image");
  writeFileSync(join(folder, "loose.png"), "in no class");
});
afterAll(() => rmSync(folder, { recursive: true }));

describe("loadImage", () => {
  it("decodes to red, green, blue and alpha, whatever the file has", async () => {
    const gray = await sharp(Buffer.of(0, 100), { raw: { width: 2, height: 1, channels: 1 } })
      .png()
      .toBuffer();
    expect(await loadImage(gray)).toEqual({
      data: Uint8ClampedArray.of(0, 0, 0, 255, 100, 100, 100, 255),
      width: 2,
      height: 1,
    });
    const seen: object[] = [];
    const see = await loadImage(await solid(1, 1, { r: 9, g: 8, b: 7, alpha: 0.2 }).png().toBuffer(), {
      onProgress: (progress) => seen.push(progress),
    });
    expect([...see.data]).toEqual([9, 8, 7, 51]);
    expect(seen.length).toBe(1);
  });

  it("turns an image as its EXIF data says", async () => {
    const turned = await solid(4, 2, { r: 1, g: 2, b: 3 }).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    const { width, height } = await loadImage(turned);
    expect([width, height]).toEqual([2, 4]);
  });

  it("names a file that is damaged, missing or no image", async () => {
    const png = await solid(30, 30, { r: 1, g: 2, b: 3 }).png().toBuffer();
    for (const length of [0, 7, 40, png.length - 20]) {
      await expect(loadImage(png.subarray(0, length))).rejects.toThrow(FileError);
    }
    await expect(loadImage(join(folder, "dogs/notes.txt"))).rejects.toThrow(
      /notes\.txt: is no image, or damaged \(8 bytes\): /,
    );
    await expect(loadImage(join(folder, "none.png"))).rejects.toThrow("there is no such file");
  });
});

describe("ImageFolder", () => {
  it("has the images of folders as classes, in alphabetical order", async () => {
    const images = await ImageFolder.open(folder);
    expect(images.classes).toEqual(["cats", "dogs"]);
    expect(images.classToIndex).toEqual({ cats: 0, dogs: 1 });
    expect(images.files.map(({ path, label }) => [path, label])).toEqual([
      ["cats/a.PNG", 0],
      ["cats/young/z.webp", 0],
      ["dogs/b.png", 1],
    ]);
    for await (const [pixels, labels] of new DataLoader(images, { batchSize: 3 })) {
      expect([pixels.shape, labels.dtype, await labels.tolist()]).toEqual([[3, 3, 3, 4], "int32", [0, 0, 1]]);
      expect(await pixels.mean([2, 3]).tolist()).toEqual([[0, 0, 1], [0, 1, 0], [1, 0, 0]]); // prettier-ignore
    }
  });

  it("draws its augmentations from the pass and the index", async () => {
    const images = await ImageFolder.open(pathToFileURL(folder), { transform: (_, random) => random.random53() });
    const [[first], [again], [other]] = [await images.get(0, 5), await images.get(0, 5), await images.get(1, 5)];
    expect(first).toBe(again);
    expect(first).not.toBe(other);
    const cropped = await ImageFolder.open(folder, {
      transform: transforms.compose(transforms.resize(8), transforms.randomCrop(5), transforms.toTensor()),
      extensions: [".png"],
    });
    expect(cropped.length).toBe(2);
    expect((await cropped.get(0))[0].shape).toEqual([3, 5, 5]);
  });

  it("says where there are no images", async () => {
    await expect(ImageFolder.open(join(folder, "dogs"))).rejects.toThrow(
      "ImageFolder: there are 2 files, none of them an image in a folder of its class",
    );
    await expect(ImageFolder.open(join(folder, "none"))).rejects.toThrow(FileError);
  });

  it("takes the files of a chosen folder", async () => {
    const file = Object.assign(new File([await solid(1, 1, { r: 1, g: 2, b: 3 }).png().toBuffer()], "x.png"), {
      webkitRelativePath: "pets/dogs/x.png",
    });
    const images = await ImageFolder.open([file]);
    expect([images.classes, images.files[0]!.path]).toEqual([["dogs"], "dogs/x.png"]);
    expect((await images.get(0))[0].shape).toEqual([3, 1, 1]);
  });
});

describe("pixels", () => {
  const pixels = { data: Uint8ClampedArray.of(255, 0, 51, 255, 0, 102, 0, 0), width: 2, height: 1 };

  it("become planes of floats or bytes, with or without alpha, or luminance", async () => {
    expect(await fromPixels(pixels).mul(255).round().tolist()).toEqual([[[255, 0]], [[0, 102]], [[51, 0]]]);
    const bytes = fromPixels(pixels, { channels: 4, dtype: "uint8" });
    expect([bytes.dtype, await bytes.tolist()]).toEqual(["uint8", [[[255, 0]], [[0, 102]], [[51, 0]], [[255, 0]]]]);
    // (299 r + 587 g + 114 b) / 1000, rounded
    expect(await fromPixels(pixels, { channels: 1, dtype: "uint8" }).tolist()).toEqual([[[82, 60]]]);
  });

  it("come back as they were", async () => {
    for (const dtype of ["float32", "uint8"] as const) {
      expect(await toPixels(fromPixels(pixels, { channels: 4, dtype }))).toEqual(pixels);
    }
    const gray = await toPixels(tensor([[-1, 0.5, 2]]));
    expect([...gray.data]).toEqual([0, 0, 0, 255, 128, 128, 128, 255, 255, 255, 255, 255]);
  });

  it("errors name shape, size and what is missing", async () => {
    await expect(toPixels(tensor([1]))).rejects.toThrow("toPixels: an image has the shape [height, width]");
    await expect(toPixels(tensor([[[[1]]]]))).rejects.toThrow("one of a batch: x.at(0)");
    await expect(toVideoFrame(tensor([[1]]), { timestamp: 0 })).rejects.toThrow("there are no video frames here");
    expect(() => fromPixels({ ...pixels, width: 3 })).toThrow("3 x 1 pixels have 4 bytes each, got 8 bytes");
    expect(() => fromPixels({ width: 0, height: 0 } as never)).toThrow("the source has 0 x 0 pixels");
    expect(() => fromPixels({ width: 2, height: 2 } as never)).toThrow("there is no canvas here");
    expect(() => fromPixels("a.png" as never)).toThrow("files are decoded by loadImage");
    expect(() => fromPixels(pixels, { channels: 2 as never })).toThrow("channels must be 1, 3 or 4, got 2");
  });
});
