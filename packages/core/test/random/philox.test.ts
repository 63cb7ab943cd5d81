import { describe, expect, test } from "vitest";
import { defaultGenerator, Generator, grad, manualSeed, tensor, type Tensor, ValueError } from "@downhill/core";
import { composite, flush, nextDraw, onDraw, uniformNoise } from "@downhill/core/engine";
import { defaultDevice } from "../../src/backend/device.js";
import { philox, type Words } from "../../src/reference/philox.js";

const noise = composite((shape: readonly number[]) => uniformNoise(shape, "float32", defaultDevice()));
const hex = (words: readonly number[]): string => words.map((word) => word.toString(16).padStart(8, "0")).join(" ");

describe("Philox4x32-10 gives the known answers of Random123", () => {
  const ones = 0xffffffff;
  test.each<[Words, [number, number], string]>([
    [[0, 0, 0, 0], [0, 0], "6627e8d5 e169c58d bc57ac4c 9b00dbd8"],
    [[ones, ones, ones, ones], [ones, ones], "408f276d 41c83b0e a20bc7c6 6d5451fd"],
    [[0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344], [0xa4093822, 0x299f31d0], "d16cfe09 94fdcceb 5001e420 24126ea1"],
  ])("counter %j, key %j", (counter, key, expected) => {
    const block: Words = [...counter];
    philox(block, ...key);
    expect(hex(block)).toBe(expected);
    // Words that are read from an int32 array are negative.
    const signed = counter.map((word) => word | 0) as Words;
    philox(signed, key[0] | 0, key[1] | 0);
    expect(hex(signed)).toBe(expected);
  });
});

describe("noise inside a Program", () => {
  test("element i is word i mod 4 of block floor(i / 4), at 24 bits", async () => {
    for (const seed of [0, 5, -1, 2n ** 32n + 7n, 0xffffffff]) {
      manualSeed(seed);
      await noise([3]).data(); // takes counter 0
      const data = [...(await noise([2, 3, 5]).data())];
      const expected = data.map((_, i) => {
        const block: Words = [Math.floor(i / 4), 1, 0, 0];
        philox(block, Number(BigInt.asIntN(32, BigInt(seed))), 0);
        return Math.floor(block[i % 4]! / 256) / 2 ** 24;
      });
      expect(data).toEqual(expected);
    }
  });

  test("is uniform on [0, 1), and no two draws are alike", async () => {
    manualSeed(1);
    const [a, b] = [await noise([10_000]).data(), await noise([10_000]).data()];
    const mean = (data: Iterable<number>): number => [...data].reduce((sum, x) => sum + x, 0) / 10_000;
    expect(Math.min(...a)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...a)).toBeLessThan(1);
    expect(mean(a)).toBeCloseTo(0.5, 2);
    expect(mean([...a].map((x) => (x - 0.5) ** 2))).toBeCloseTo(1 / 12, 2);
    // Neighbours, and equal places of two draws, do not follow each other.
    expect(Math.abs(mean([...a].map((x, i) => (x - 0.5) * (a[(i + 1) % 10_000]! - 0.5))))).toBeLessThan(0.003);
    expect(Math.abs(mean([...a].map((x, i) => (x - 0.5) * (b[i]! - 0.5))))).toBeLessThan(0.003);
  });

  test("in float64 is the same numbers, and no numbers where there are no elements", async () => {
    manualSeed(3);
    const single = await noise([5]).tolist();
    manualSeed(3);
    const double = composite(() => uniformNoise([5], "float64", defaultDevice()))();
    expect([double.dtype, await double.tolist()]).toEqual(["float64", single]);
    expect(await noise([0, 2]).tolist()).toEqual([]);
    expect(() => uniformNoise([1], "int32", defaultDevice())).toThrow(
      "uniformNoise: draws floats, dtype int32 is none",
    );
  });

  test("another draw is the same Program, and reading again gives the same numbers", async () => {
    const draw = composite(() => noise([7]).mul(2));
    flush(draw());
    const { compiled } = defaultDevice().programs;
    const x = draw();
    const y = draw();
    const first = await x.tolist();
    expect(await x.tolist()).toEqual(first);
    expect(await y.tolist()).not.toEqual(first);
    expect(defaultDevice().programs.compiled).toBe(compiled);
  });
});

describe("the counter of draws", () => {
  test("starts again with the seed, and leaves PyTorch's stream alone", async () => {
    manualSeed(4);
    const first = await noise([3]).tolist();
    const second = await noise([3]).tolist();
    expect(second).not.toEqual(first);
    manualSeed(4);
    expect(await noise([3]).tolist()).toEqual(first);
    const next = defaultGenerator.random32();
    expect(new Generator(4).random32()).toBe(next);
    manualSeed(5);
    expect(await noise([3]).tolist()).not.toEqual(first);
  });

  test("is part of the generator's state, which without draws is PyTorch's", () => {
    manualSeed(6);
    expect(defaultGenerator.getState()).toEqual(new Generator(6).getState());
    nextDraw();
    const state = defaultGenerator.getState();
    const draws = [nextDraw(), nextDraw()];
    expect(draws.map(({ counter }) => counter)).toEqual([1, 2]);
    defaultGenerator.setState(state);
    expect([nextDraw(), nextDraw()]).toEqual(draws);
    expect(() => defaultGenerator.setState(state.slice(1))).toThrow(ValueError);
  });

  test("is told to an observer, with the Nodes that hold its numbers", () => {
    manualSeed(2n ** 40n - 3n);
    const seen: number[][] = [];
    const before = onDraw(({ key, counter }) => seen.push([key.attrs[0]!, counter.attrs[0]!]));
    noise([2]);
    noise([3]);
    expect(onDraw(before)).not.toBe(before);
    noise([4]);
    expect(seen).toEqual([
      [-3, 0],
      [-3, 1],
    ]);
    expect(nextDraw()).toEqual({ key: -3, counter: 3 });
  });
});

test("noise has no gradient, and lets that of others pass", async () => {
  const x = tensor([1, 2, 3], { requiresGrad: true });
  manualSeed(8);
  const y = composite((x: Tensor) => uniformNoise(x.shape, x.dtype, x.device).mul(x))(x);
  const [slope] = grad(y.sum(), [x]);
  manualSeed(8);
  expect(await slope!.tolist()).toEqual(await noise([3]).tolist());
});
