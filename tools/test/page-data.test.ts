import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { build } from "esbuild";
import { type Browser, chromium, type Page } from "playwright-core";
import { afterAll, beforeAll, expect, it } from "vitest";

const packages = join(import.meta.dirname, "../../packages");

// What the tests ask of the page. Pixels are red, green, blue and alpha, from 0 to 255.
const script = `
  import { rand, tensor } from "@downhill/core";
  import { encodeNpy, loadNpy, saveNpy } from "@downhill/core/files";
  import { DataLoader, fromPixels, ImageFolder, loadIdx, loadImage, openData, readCsv, readLines, toPixels, toVideoFrame, transforms } from "./index.js";

  const pixels = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 51, 102, 153, 255];
  const canvasOf = (width, height, data = new Array(4 * width * height).fill(255)) => {
    const canvas = new OffscreenCanvas(width, height);
    canvas.getContext("2d").putImageData(new ImageData(Uint8ClampedArray.from(data), width, height), 0, 0);
    return canvas;
  };
  const encoded = async (type, canvas = canvasOf(2, 2, pixels)) => canvas.convertToBlob({ type, quality: 1 });
  const planes = async (source, options) => (await fromPixels(source, { channels: 4, dtype: "uint8", ...options }).data()).join();
  const failure = (promise) => promise.then(() => "it went well", (error) => error.name + ": " + error.message);

  globalThis.tests = {
    async image(type) {
      const { data, width, height } = await loadImage(await encoded(type));
      return [[...data], width, height];
    },
    async transparent() {
      return [...(await loadImage(await encoded("image/png", canvasOf(1, 1, [200, 100, 0, 128])))).data];
    },
    async turned() {
      // A JPEG of 16 x 8 that says it lies on its side (EXIF orientation 6), behind its first marker.
      const plain = new Uint8Array(await (await encoded("image/jpeg", canvasOf(16, 8))).arrayBuffer());
      const exif = [0xff, 0xe1, 0, 34, 0x45, 0x78, 0x69, 0x66, 0, 0, 0x4d, 0x4d, 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0, 0, 0, 0, 0];
      const { width, height } = await loadImage(Uint8Array.from([...plain.subarray(0, 2), ...exif, ...plain.subarray(2)]));
      return [width, height];
    },
    async damaged() {
      const png = new Uint8Array(await (await encoded("image/png")).arrayBuffer());
      const found = [];
      for (const length of [0, 7, 30]) found.push(await failure(loadImage(png.subarray(0, length))));
      return [...found, await failure(loadImage("/none.png")), await failure(loadImage(location.origin + "/none.png"))];
    },
    async sources() {
      const canvas = canvasOf(2, 2, pixels);
      const element = document.createElement("canvas");
      [element.width, element.height] = [2, 2];
      element.getContext("2d").drawImage(canvas, 0, 0);
      const image = new Image();
      image.src = URL.createObjectURL(await encoded("image/png"));
      const early = await failure((async () => fromPixels(image))());
      await image.decode();
      const frame = new VideoFrame(canvas, { timestamp: 0 });
      const all = {
        data: canvas.getContext("2d").getImageData(0, 0, 2, 2), canvas, element, image, frame,
        bitmap: await createImageBitmap(canvas),
      };
      const found = {};
      for (const [name, source] of Object.entries(all)) found[name] = await planes(source);
      frame.close();
      return { found, early };
    },
    async back() {
      const x = tensor(pixels, { dtype: "uint8" }).reshape([2, 2, 4]).permute(2, 0, 1);
      const canvas = document.createElement("canvas");
      const shown = await toPixels(x, canvas);
      const drawn = canvas.getContext("2d").getImageData(0, 0, 2, 2);
      const frame = await toVideoFrame(x, { timestamp: 40_000 });
      const { format, codedWidth, codedHeight, timestamp } = frame;
      const again = await planes(frame);
      frame.close();
      return { isImageData: shown instanceof ImageData, shown: [...shown.data], drawn: [...drawn.data], format, codedWidth, codedHeight, timestamp, again };
    },
    async folder() {
      const root = await navigator.storage.getDirectory();
      const pets = await root.getDirectoryHandle("pets", { create: true });
      for (const name of ["dogs", "cats"]) {
        const folder = await pets.getDirectoryHandle(name, { create: true });
        const stream = await (await folder.getFileHandle("a.png", { create: true })).createWritable();
        await stream.write(await encoded("image/png"));
        await stream.close();
      }
      const found = [];
      for (const folder of ["pets", pets]) {
        const images = await ImageFolder.open(folder);
        for await (const [batch, labels] of new DataLoader(images, { batchSize: 2 })) found.push([images.classes, batch.shape, await labels.tolist()]);
      }
      return found;
    },
    async cached(path) {
      const rows = [];
      const seen = [];
      const onProgress = ({ bytes, total }) => seen.push([bytes, total]);
      for await (const row of readCsv(location.origin + path, { cache: "kept" + path, onProgress })) rows.push(row);
      return { rows, seen };
    },
    async broken() {
      const error = await failure((async () => { for await (const _ of readLines(location.origin + "/cut.txt", { cache: "kept/cut.txt" })); })());
      const folder = await (await navigator.storage.getDirectory()).getDirectoryHandle("kept", { create: true });
      const names = [];
      for await (const name of folder.keys()) names.push(name);
      return { error, names };
    },
    async array() {
      await saveNpy("arrays/x.npy", tensor([[1, 2], [3, 4]]));
      const kept = await (await loadNpy("arrays/x.npy")).tolist();
      const fetched = await (await loadNpy(await openData(location.origin + "/x.npy", { cache: "arrays/fetched.npy" }))).tolist();
      const again = await (await loadNpy("arrays/fetched.npy")).tolist();
      return [kept, fetched, again];
    },
    async picked() {
      const idx = Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1);
      const packed = await new Response(new Blob([idx]).stream().pipeThrough(new CompressionStream("gzip"))).blob();
      const zeros = new Blob([idx, new Uint8Array(2 ** 22)]).stream().pipeThrough(new CompressionStream("gzip"));
      const bomb = await new Response(zeros).blob();
      return [await (await loadIdx(new File([packed], "labels.gz"))).tolist(), await failure(loadIdx(new File([bomb], "bomb.gz")))];
    },
  };
`;

let server: Server;
let browser: Browser;
let page: Page;
let asked: string[] = [];

beforeAll(async () => {
  const { outputFiles } = await build({
    stdin: { contents: script, resolveDir: join(packages, "data/src"), sourcefile: "page.ts", loader: "ts" },
    bundle: true,
    format: "esm",
    write: false,
    tsconfig: join(packages, "../tsconfig.base.json"),
    external: ["cli-progress", "apache-arrow", "hyparquet"],
    logLevel: "error",
  });
  const npy = Buffer.from(
    `\x93NUMPY\x01\x00v\x00${"{'descr': '|u1', 'fortran_order': False, 'shape': (3,), }".padEnd(117)}\n\x01\x02\x03`,
    "latin1",
  );
  const files: Record<string, [type: string, body: string | Buffer]> = {
    "/script.js": ["text/javascript", outputFiles[0]!.text],
    "/rows.csv": ["text/csv", "a,b\n1,x\n2,y\n"],
    "/x.npy": ["application/octet-stream", npy],
    "/": ["text/html", '<!doctype html><link rel="icon" href="data:,"><script type="module" src="script.js"></script>'],
  };
  server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`);
    if (request.url === "/cut.txt") {
      response.writeHead(200, { "content-length": 1000 });
      response.write("some\nlines\n", () => setImmediate(() => response.destroy()));
      return;
    }
    const [type, body] = files[request.url!] ?? ["text/plain", ""];
    response.writeHead(body === "" ? 404 : 200, { "content-type": type, "content-length": Buffer.byteLength(body) });
    response.end(request.method === "HEAD" ? undefined : body);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const executablePath = process.env.DOWNHILL_CHROMIUM ?? "/usr/bin/chromium";
  browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  page = await browser.newPage();
  await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  await page.waitForFunction("globalThis.tests !== undefined");
}, 60_000);

afterAll(async () => {
  await browser.close();
  server.close();
});

/** What a test of the page's gives. */
const run = (name: string, ...args: string[]): Promise<unknown> =>
  page.evaluate(`tests.${name}(${args.map((text) => JSON.stringify(text)).join()})`);

const pixels = [255, 0, 0, 255, 0, 255, 0, 255, 0, 0, 255, 255, 51, 102, 153, 255];
/** The same as planes of four channels. */
const planes = [0, 1, 2, 3].flatMap((k) => [0, 1, 2, 3].map((i) => pixels[4 * i + k])).join();

it("a page decodes PNG and WebP to the pixels that were encoded, with their alpha as it is", async () => {
  expect(await run("image", "image/png")).toEqual([pixels, 2, 2]);
  const [, ...size] = (await run("image", "image/webp")) as [unknown, number, number];
  expect(size).toEqual([2, 2]);
  const transparent = (await run("transparent")) as number[];
  expect(transparent[3]).toBe(128);
  // A canvas keeps colours multiplied with alpha: half of the levels at 128.
  [200, 100, 0].forEach((level, i) => expect(Math.abs(transparent[i]! - level)).toBeLessThanOrEqual(1));
});

it("a page turns an image as its EXIF data says", async () => {
  expect(await run("turned")).toEqual([8, 16]);
});

it("a page names what is damaged, missing or no image", async () => {
  const found = (await run("damaged")) as string[];
  expect(found.slice(0, 3).map((text) => text.replace(/\): .*/s, ")"))).toEqual([
    "FileError: the bytes given: is no image, or damaged (0 bytes)",
    "FileError: the bytes given: is no image, or damaged (7 bytes)",
    "FileError: the bytes given: is no image, or damaged (30 bytes)",
  ]);
  expect(found[3]).toMatch(/^FileError: \/none.png: cannot be read: /);
  expect(found[4]).toMatch(/^FileError: http.*\/none.png: the server answers 404/);
});

it("pixels of ImageData, canvases, an image, an ImageBitmap and a VideoFrame become the same tensor", async () => {
  const { found, early } = (await run("sources")) as { found: Record<string, string>; early: string };
  expect(found).toEqual(
    Object.fromEntries(["data", "canvas", "element", "image", "frame", "bitmap"].map((name) => [name, planes])),
  );
  expect(early).toBe("ValueError: fromPixels: the source has 0 x 0 pixels\n  hint: wait until it has loaded");
});

it("a tensor becomes an ImageData, a drawing on a canvas, and a VideoFrame", async () => {
  expect(await run("back")).toEqual({
    isImageData: true,
    shown: pixels,
    drawn: pixels,
    format: "RGBA",
    codedWidth: 2,
    codedHeight: 2,
    timestamp: 40_000,
    again: planes,
  });
});

it("a folder of the private file system, by its path or its handle, has a class for each of its folders", async () => {
  const expected = [
    ["cats", "dogs"],
    [2, 3, 2, 2],
    [0, 1],
  ];
  expect(await run("folder")).toEqual([expected, expected]);
});

it("what a URL gives is kept in the private file system: fetched once, also by the next page", async () => {
  const rows = [{ a: 1, b: "x" }, { a: 2, b: "y" }]; // prettier-ignore
  asked = [];
  expect(await run("cached", "/rows.csv")).toMatchObject({ rows });
  await page.reload();
  await page.waitForFunction("globalThis.tests !== undefined");
  expect(await run("cached", "/rows.csv")).toEqual({ rows, seen: [[0, 12], [12, 12]] }); // prettier-ignore
  expect(asked.filter((one) => one.endsWith(".csv"))).toEqual(["GET /rows.csv"]);
});

it("nothing is kept of what breaks off", async () => {
  const { error, names } = (await run("broken")) as { error: string; names: string[] };
  expect(error).toMatch(/^FileError: http.*\/cut\.txt: /);
  expect(names).not.toContain("cut.txt");
});

it("NumPy's arrays are saved there and read from there, and from a URL that is kept there", async () => {
  expect(await run("array")).toEqual([[[1, 2], [3, 4]], [1, 2, 3], [1, 2, 3]]); // prettier-ignore
});

it("a picked file is unpacked, and a bomb refused", async () => {
  const [labels, error] = (await run("picked")) as [number[], string];
  expect(labels).toEqual([7, 2, 1]);
  expect(error).toMatch(/^FileError: bomb\.gz: has more than 11 bytes, its shape \[3\] needs 11/);
});
