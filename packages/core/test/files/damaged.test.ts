import { zipSync } from "fflate";
import { describe, expect, it } from "vitest";
import {
  encodeCheckpoint,
  encodeNpz,
  FileError,
  loadCheckpoint,
  loadNpy,
  loadNpz,
  loadSafetensors,
  loadTorch,
} from "../../src/files/index.js";
import { DownhillError, ones, Tensor, tensor, zeros } from "../../src/index.js";
import { decode, fixtures } from "./fixtures.js";
import { type Format, loadHostile, within } from "./hostile.js";

const checkpoint = await encodeCheckpoint({ a: { b: [1, "x", ones([2])] }, c: zeros([3]) });
const npz = await encodeNpz({ x: tensor([1, 2, 3]), y: zeros([300]) }, { compressed: true });
const { npy, npz: zips, pt, safetensors, ptPlain } = fixtures;

const formats: Record<string, Format> = {
  safetensors: {
    load: loadSafetensors,
    samples: [safetensors.every!, safetensors.metadata!, safetensors.loose!].map(({ bytes }) => decode(bytes)),
  },
  npy: { load: loadNpy, samples: [npy.fortran!, npy.version2!, npy[">i8"]!].map(({ bytes }) => decode(bytes)) },
  npz: { load: loadNpz, samples: [npz, decode(zips.deflated!.bytes)] },
  pt: { load: loadTorch, samples: [pt.shared!.bytes, ptPlain.plain, pt.protocol4!.bytes].map(decode) },
  checkpoint: { load: (bytes) => loadCheckpoint(bytes), samples: [checkpoint] },
};

const pickles = within(formats.pt!.samples, "archive/data.pkl", loadTorch);

it.each(pickles)("a pickle through any changes loads, or is an error of ours (%#)", async (format) => {
  const options = { inputs: 250, seed: 1 };
  const report = await loadHostile(format, (error) => error instanceof DownhillError, options);
  expect(report.refused).toBeGreaterThan(options.inputs / 4);
});

/** Everything in what was loaded, tensors as shape, dtype and elements. */
async function contentOf(value: unknown): Promise<unknown> {
  if (value instanceof Tensor) return [value.shape, value.dtype, [...(await value.data())].map((x) => String(x))];
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value)) return value;
  const parts: unknown[] = [];
  for (const [name, part] of Object.entries(value)) parts.push([name, await contentOf(part)]);
  return parts;
}

describe.each(Object.entries(formats))("%s", (_, format) => {
  it("cut off at any byte is an error of ours", async () => {
    for (const sample of format.samples) {
      for (let length = 0; length < sample.length; length++) {
        const error: unknown = await format.load(sample.subarray(0, length)).then(
          () => `loaded ${length} bytes`,
          (reason: unknown) => reason,
        );
        expect(error).toBeInstanceOf(FileError);
      }
    }
  });

  it("through any changes loads, or is an error of ours", async () => {
    const options = { inputs: 250, seed: 1 };
    const report = await loadHostile(format, (error) => error instanceof DownhillError, options);
    expect(report.inputs).toBe(options.inputs);
    expect(report.refused).toBeGreaterThan(options.inputs / 4);
  });
});

describe.each(["npz", "pt"])("%s", (name) => {
  it("with any byte changed is an error, or the same content", async () => {
    const { load, samples } = formats[name]!;
    const sample = samples[0]!;
    const content = await contentOf(await load(sample));
    for (let at = 0; at < sample.length; at += sample.length > 2000 ? 3 : 1) {
      const changed = sample.slice();
      changed[at]! ^= 1 << (at % 8);
      const found: unknown = await load(changed).then(contentOf, (error: unknown) => error);
      if (!(found instanceof FileError)) expect(found, `byte ${at}`).toEqual(content);
    }
  });
});

it("nothing that was loaded has reached into prototypes", () => {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(Object.keys(Array.prototype)).toEqual([]);
});

it("a zip file in a zip file in a zip file is only unpacked once", async () => {
  let inner: Uint8Array = new Uint8Array(2 ** 20);
  for (let level = 0; level < 3; level++) inner = zipSync({ "x.npy": [inner, { level: 9 }] });
  await expect(loadNpz(inner)).rejects.toThrow('array "x": it does not begin as an npy file');
});
