import { describe, expect, it } from "vitest";
import { fillNormal } from "../../src/random/normal.js";
import { Generator, defaultGenerator, manualSeed } from "../../src/random/generator.js";
import { fillUniform } from "../../src/random/uniform.js";
import { checksum, readFixture } from "./stream-fixture.js";

interface States {
  readonly fresh: readonly { seed: string; draws: number; crc: number }[];
  readonly bytes: string;
  readonly then: readonly number[];
}

const { states } = readFixture("torch") as { states: States };

describe("seeds", () => {
  it("starts without a seed where PyTorch's Generator does", () => {
    expect(new Generator().initialSeed()).toBe(67280421310721n);
  });

  it("takes numbers and bigints to 2^64 - 1 and counts negative ones back from 2^64", () => {
    for (const [seed, initial] of [
      [0, 0n],
      [42n, 42n],
      [2 ** 31, 2n ** 31n],
      [2n ** 64n - 1n, 2n ** 64n - 1n],
      [-1, 2n ** 64n - 1n],
      [-5, 2n ** 64n - 5n],
      [-(2n ** 63n), 2n ** 63n],
    ] as const) {
      expect(new Generator(seed).initialSeed()).toBe(initial);
    }
  });

  it("uses the low 32 bits alone, as PyTorch does", () => {
    expect(new Generator(2n ** 32n + 7n).random32()).toBe(new Generator(7).random32());
  });

  it("refuses seeds that are no integers, are out of range, or that a number cannot hold, and names them", () => {
    expect(() => new Generator(1.5)).toThrow(/manualSeed: 1\.5 is not an integer[^]*hint: .*bigint/);
    expect(() => new Generator(NaN)).toThrow(/NaN/);
    expect(() => new Generator(2 ** 60)).toThrow(/1152921504606847000 is beyond 2\^53[^]*bigint/);
    expect(() => new Generator("3" as unknown as number)).toThrow(/"3"/);
    expect(() => new Generator(2n ** 64n)).toThrow(/18446744073709551616n is out of range/);
    expect(() => new Generator(-(2n ** 63n) - 1n)).toThrow(/-9223372036854775809n is out of range/);
  });

  it("keeps its stream when a seed is refused", () => {
    const generator = new Generator(3);
    expect(() => generator.manualSeed(0.1)).toThrow();
    expect(generator.random32()).toBe(new Generator(3).random32());
  });

  it("returns from seed() the seed that it starts from, another each time", () => {
    const generator = new Generator(0);
    const first = generator.seed();
    expect(generator.initialSeed()).toBe(first);
    expect(generator.random32()).toBe(new Generator(first).random32());
    expect(generator.seed()).not.toBe(first);
  });

  it("drops a waiting normal when seeded", () => {
    const generator = new Generator(0);
    fillNormal(new Float32Array(1), generator);
    const again = new Float32Array(2);
    fillNormal(again, generator.manualSeed(0));
    const fresh = new Float32Array(2);
    fillNormal(fresh, new Generator(0));
    expect(again).toEqual(fresh);
  });

  it("seeds the default generator by manualSeed, and returns it", () => {
    expect(manualSeed(42)).toBe(defaultGenerator);
    expect(defaultGenerator.random32()).toBe(1608637542);
  });
});

describe("draws", () => {
  it("makes 64 bits of two draws, the high half first", () => {
    const [a, b] = [new Generator(9), new Generator(9)];
    expect(a.random64()).toBe((BigInt(b.random32()) << 32n) + BigInt(b.random32()));
    expect(a.random63()).toBe(((BigInt(b.random32()) << 32n) + BigInt(b.random32())) % 2n ** 63n);
  });

  it("makes uniforms of the low 24 and 53 bits", () => {
    const [a, b] = [new Generator(9), new Generator(9)];
    expect(a.random24()).toBe((b.random32() % 2 ** 24) / 2 ** 24);
    expect(a.random53()).toBe(Number(b.random64() % 2n ** 53n) / 2 ** 53);
  });
});

describe("state", () => {
  it("is PyTorch's state, byte for byte", () => {
    for (const { seed, draws, crc } of states.fresh) {
      const generator = new Generator(BigInt(seed));
      for (let i = 0; i < draws; i++) generator.random32();
      expect(checksum(generator.getState()), `seed ${seed}, ${String(draws)} draws`).toBe(crc);
    }
  });

  it("goes on where PyTorch stood, with the normal that waited there", () => {
    const generator = new Generator().setState(new Uint8Array(Buffer.from(states.bytes, "base64")));
    expect(generator.initialSeed()).toBe(42n);
    const [normals, uniforms] = [new Float32Array(3), new Float32Array(2)];
    fillNormal(normals, generator);
    fillUniform(uniforms, generator);
    expect([...normals, ...uniforms]).toEqual(states.then);
  });

  it("comes back exactly, in another generator too, at any place of a block", () => {
    for (const draws of [0, 1, 623, 624, 625, 2000]) {
      for (const normals of [0, 1, 2, 16]) {
        const generator = new Generator(11);
        for (let i = 0; i < draws; i++) generator.random32();
        fillNormal(new Float64Array(normals), generator);
        const state = generator.getState();
        const next = new Float64Array(700);
        for (let i = 0; i < next.length; i += 7) fillNormal(next.subarray(i, i + 7), generator);
        const other = new Generator(5).setState(state);
        expect(other.getState()).toEqual(state);
        const again = new Float64Array(700);
        for (let i = 0; i < again.length; i += 7) fillNormal(again.subarray(i, i + 7), other);
        expect(again).toEqual(next);
      }
    }
  });

  it("does not move with the generator that it was taken from", () => {
    const generator = new Generator(11);
    const state = generator.getState();
    const before = state.slice();
    generator.random64();
    expect(state).toEqual(before);
  });

  it("refuses bytes that are no state, and stays as it was", () => {
    const generator = new Generator(1);
    const before = generator.getState();
    expect(() => generator.setState(new Uint8Array(10))).toThrow(/setState: expected 5056 bytes, got 10/);
    expect(() => generator.setState(new Uint8Array(5056))).toThrow(/no generator state: seeded 0/);
    const wrong = generator.getState();
    new DataView(wrong.buffer).setInt32(8, 700, true);
    expect(() => generator.setState(wrong)).toThrow(/left 700/);
    const beyond = generator.getState();
    new DataView(beyond.buffer).setBigUint64(16, 625n, true);
    expect(() => generator.setState(beyond)).toThrow(/next 625/);
    expect(() => generator.setState([1, 2] as unknown as Uint8Array)).toThrow(/Uint8Array, got \[1, 2\]/);
    expect(generator.getState()).toEqual(before);
  });
});
