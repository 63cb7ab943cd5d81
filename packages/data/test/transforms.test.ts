import { Generator, rand, type Tensor } from "@downhill/core";
import { describe, expect, expectTypeOf, test } from "vitest";
import { transforms } from "../src/index.js";
import images from "./fixtures/images.json" with { type: "json" };

const { compose, gaussianNoise, normalize, oneHot, randomCrop, randomHorizontalFlip, randomRotation, resize, toTensor } = transforms; // prettier-ignore
const seed = (value = 0): Generator => new Generator(value);
const image = (shape: transforms.Image["shape"]): transforms.Image => ({
  data: Float32Array.from({ length: shape[0] * shape[1] * shape[2] }, (_, i) => i + 1),
  shape,
});

describe("images come out as PyTorch's interpolation gives them", () => {
  test.each(images.map((row) => [JSON.stringify({ shape: row.shape, resize: row.resize, rotate: row.rotate }), row] as const))("%s", (_, row) => {
    const given = { data: Float32Array.from(row.image), shape: row.shape as unknown as transforms.Image["shape"] };
    const transform = row.resize === undefined ? randomRotation([row.rotate, row.rotate]) : resize(row.resize as [number, number]);
    const { data } = transform(given, seed());
    expect(data.length).toBe(row.result.length);
    row.result.forEach((value, i) => expect(data[i]).toBeCloseTo(value, 5));
  }); // prettier-ignore
});

/** Each transform of an image, with what it gives of a 2 × 4 × 3 one; a new one joins with a row. */
const table: Record<string, { make: transforms.Step<transforms.Image, transforms.Image>; shape: number[] }> = {
  gaussianNoise: { make: gaussianNoise(0.5), shape: [2, 4, 3] },
  normalize: { make: normalize([1, 2], [3, 4]), shape: [2, 4, 3] },
  randomCrop: { make: randomCrop([5, 2], { padding: 1 }), shape: [2, 5, 2] },
  randomHorizontalFlip: { make: randomHorizontalFlip(), shape: [2, 4, 3] },
  randomRotation: { make: randomRotation(20), shape: [2, 4, 3] },
  resize: { make: resize([2, 5]), shape: [2, 2, 5] },
};

describe.each(Object.entries(table))("%s", (name, { make, shape }) => {
  test("gives the same from the same stream, and leaves the image it was given", () => {
    const given = image([2, 4, 3]);
    const before = given.data.slice();
    const one = make(given, seed(4));
    expect(one.shape).toEqual(shape);
    expect(one.data.length).toBe(shape.reduce((a, b) => a * b));
    expect(make(given, seed(4)).data).toEqual(one.data);
    expect(given.data).toEqual(before);
  });

  test("refuses what is no image, and says where a tensor comes from", () => {
    expect(() => make(3 as never, seed())).toThrow(`${name}: expects an image, { data: Float32Array, shape`);
    expect(() => make(rand([1, 2, 2]) as never, seed())).toThrow("put toTensor last");
    expect(() => make({ data: new Float32Array(3), shape: [1, 2, 2] }, seed())).toThrow("has 4 values, got 3");
  });
});

test("randomCrop takes every place, and no other; what lies outside is fill", () => {
  const found = new Set<string>();
  for (let i = 0; i < 200; i++) found.add(randomCrop(2)(image([1, 3, 3]), seed(i)).data.join());
  expect([...found].sort()).toEqual(["1,2,4,5", "2,3,5,6", "4,5,7,8", "5,6,8,9"]);
  const padded = new Set<string>();
  for (let i = 0; i < 200; i++)
    padded.add(randomCrop(1, { padding: 1, fill: 7 })(image([1, 1, 1]), seed(i)).data.join());
  expect([...padded].sort()).toEqual(["1", "7"]);
  expect(() => randomCrop(4)(image([1, 3, 3]), seed())).toThrow("a piece of 4 x 4 from an image of 3 x 3");
  expect(() => randomCrop(0)).toThrow("randomCrop: size must be an integer of 1 or more, or [height, width], got 0");
});

test("randomHorizontalFlip mirrors the rows of each channel, as often as p says", () => {
  expect([...randomHorizontalFlip(1)(image([2, 1, 3]), seed()).data]).toEqual([3, 2, 1, 6, 5, 4]);
  expect([...randomHorizontalFlip(0)(image([2, 1, 3]), seed()).data]).toEqual([1, 2, 3, 4, 5, 6]);
  expect(() => randomHorizontalFlip(2)).toThrow("p must be from 0 to 1, got 2");
});

test("normalize takes one number for all channels or one for each", () => {
  expect([...normalize([1, 2], [2, 4])(image([2, 1, 2]), seed()).data]).toEqual([0, 0.5, 0.25, 0.5]);
  expect([...normalize(1, 2)(image([2, 1, 2]), seed()).data]).toEqual([0, 0.5, 1, 1.5]);
  expect(() => normalize([1, 2, 3], 1)(image([2, 1, 2]), seed())).toThrow("3 values for an image of 2 channels");
  expect(() => normalize(0, 0)).toThrow("std positive");
});

test("gaussianNoise adds normal numbers", () => {
  const { data } = gaussianNoise(0.5)({ data: new Float32Array(4000), shape: [1, 40, 100] }, seed());
  const mean = data.reduce((a, b) => a + b) / 4000;
  expect(Math.abs(mean)).toBeLessThan(0.03);
  expect(Math.sqrt(data.reduce((a, b) => a + (b - mean) ** 2, 0) / 4000)).toBeCloseTo(0.5, 1);
});

test("oneHot puts a one in the place of a class", () => {
  expect([...oneHot(3)(2n), ...oneHot(3)(0)]).toEqual([0, 0, 1, 1, 0, 0]);
  expect(() => oneHot(3)(3)).toThrow("oneHot: a class is an integer from 0 to 2, got 3");
});

test("toTensor takes images and the pixels of a canvas", async () => {
  const pixels = { data: Uint8ClampedArray.of(255, 0, 51, 9, 0, 255, 102, 9), width: 2, height: 1 };
  const tensor = toTensor()(pixels, seed());
  expect(tensor.shape).toEqual([3, 1, 2]);
  expect(Array.from(await tensor.data())).toEqual([1, 0, 0, 1, 0.2, 0.4].map(Math.fround));
  expect(await toTensor()(image([1, 1, 2]), seed()).tolist()).toEqual([[[1, 2]]]);
});

describe("compose", () => {
  test("runs from left to right on one stream, and knows its types", async () => {
    const all = compose(randomCrop(2), gaussianNoise(0.1), toTensor());
    expectTypeOf(all(image([1, 3, 3]), seed())).toEqualTypeOf<Tensor>();
    const random = seed(5);
    const byHand = toTensor()(gaussianNoise(0.1)(randomCrop(2)(image([1, 3, 3]), random), random), random);
    expect(await all(image([1, 3, 3]), seed(5)).tolist()).toEqual(await byHand.tolist());
  });

  test("refuses what is no function", () => {
    expect(() => compose(3 as never)).toThrow("compose: argument 0 must be a transform, got 3");
  });
});
