import { Generator, type Tensor, ValueError } from "@downhill/core";
import { checkFunction, checkOptions } from "@downhill/core/engine";
import { checkIndex } from "../check-index.js";
import type { Dataset } from "../dataset.js";
import { sampleSeed } from "../sample-seed.js";
import type { SourceInput } from "../sources/byte-stream.js";
import type { PixelData } from "../transforms/image.js";
import { toTensor } from "../transforms/to-tensor.js";
import { filesIn, type FolderInput } from "./files-in.js";
import { loadImage } from "./load-image.js";

/** What an `ImageFolder` takes. */
export interface ImageFolderOptions<Image = Tensor> {
  /** Makes a sample's image of the decoded pixels; draws from `random`, which follows from pass and index. Default: `toTensor()`. */
  readonly transform?: (pixels: PixelData, random: Generator) => Image | Promise<Image>;
  /** Which files are images, by the ends of their names. Default: .jpg .jpeg .png .webp .gif .bmp .avif .tif .tiff .svg */
  readonly extensions?: readonly string[];
}

const usual = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp", ".avif", ".tif", ".tiff", ".svg"];

/** A file, by its path within the folder, and its class. */
export interface ImageFile {
  readonly path: string;
  readonly file: SourceInput;
  readonly label: number;
}

/**
 * Holds the images of a folder that has a folder for each class, `dogs/rex.png`: samples are [image, class], the class a bigint,
 * which a loader makes int32. Classes and files are in alphabetical order. An image is read and decoded when it is asked for.
 * Same as torchvision.datasets.ImageFolder; made by `ImageFolder.open`.
 *
 * @example
 * // const pets = await ImageFolder.open("pets", { transform: compose(resize(64), toTensor()) });
 * // for await (const [images, labels] of new DataLoader(pets, { batchSize: 32, shuffle: true })) …
 */
export class ImageFolder<Image = Tensor> implements Dataset<[image: Image, label: bigint]> {
  /** The classes' names. */
  readonly classes: readonly string[];
  readonly files: readonly ImageFile[];
  readonly #transform: (pixels: PixelData, random: Generator) => Image | Promise<Image>;

  private constructor(
    classes: readonly string[],
    files: readonly ImageFile[],
    transform: (pixels: PixelData, random: Generator) => Image | Promise<Image>,
  ) {
    this.classes = classes;
    this.files = files;
    this.#transform = transform;
  }

  /**
   * Looks through a folder: a path in Node, in a page a path of its private file system, a folder's handle, or the files of an
   * `<input type="file" webkitdirectory>`.
   *
   * @throws FileError where there is no such folder; ValueError where it has no folders with images.
   */
  static async open<Image = Tensor>(
    folder: FolderInput,
    options: ImageFolderOptions<Image> = {},
  ): Promise<ImageFolder<Image>> {
    const where = "ImageFolder";
    checkOptions(where, options, ["transform", "extensions"]);
    const { extensions = usual, transform = toTensor() as never } = options;
    checkFunction(`${where}: transform`, transform);
    const found = await filesIn(where, folder);
    const images = found.filter(({ path }) => {
      const isImage = extensions.some((end) => path.toLowerCase().endsWith(end.toLowerCase()));
      return isImage && path.includes("/");
    });
    const classOf = (path: string): string => path.slice(0, path.indexOf("/"));
    const classes = [...new Set(images.map(({ path }) => classOf(path)))].sort();
    if (classes.length === 0) {
      throw new ValueError(
        `${where}: there are ${found.length} files, none of them an image in a folder of its class`,
        `an image is dogs/rex.png, say; its end one of ${extensions.join(" ")}`,
      );
    }
    const files = images
      .map(({ path, file }) => ({ path, file, label: classes.indexOf(classOf(path)) }))
      .sort((a, b) => a.label - b.label || (a.path < b.path ? -1 : 1));
    return new ImageFolder(classes, files, transform);
  }

  get length(): number {
    return this.files.length;
  }

  /** The place of each class. Same as torchvision's class_to_idx. */
  get classToIndex(): Readonly<Record<string, number>> {
    return Object.fromEntries(this.classes.map((name, i) => [name, i]));
  }

  async get(index: number, seed = 0): Promise<[image: Image, label: bigint]> {
    const place = checkIndex("ImageFolder", index, this.length);
    const { file, label } = this.files[place]!;
    const pixels = await loadImage(file);
    return [await this.#transform(pixels, new Generator(sampleSeed(seed, place))), BigInt(label)];
  }
}
