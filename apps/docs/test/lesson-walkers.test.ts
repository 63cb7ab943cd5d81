import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { experiment as race, type Settings } from "../src/lesson/07-better-walkers/race.experiment.js";
import { experiment as zoo, type Settings as ZooSettings } from "../src/lesson/07-better-walkers/zoo.experiment.js";
import { take } from "./take.js";

type Pair = [number, number];

const settings: Settings = {
  seed: 0,
  start: [-2, 1],
  rate: 0.01,
  momentum: 0.9,
  stride: 0.1,
  decay: 0.01,
  turn: 0,
  noise: 0,
  schedule: "constant",
};
const still: ZooSettings = { seed: 0, ground: "hollows", start: null, times: 1, noise: 0 };

/** Both coordinates by the same rule. */
const both = (rule: (i: 0 | 1) => number): Pair => [rule(0), rule(1)];

/** The walks of the rules as their papers write them, on ½ (x - 1)² + 66 (y - ½)². */
function byHand(name: string, steps: number): Pair[] {
  const { rate, momentum, stride, decay } = settings;
  let [p, v, m, s]: [Pair, Pair, Pair, Pair] = [
    [-2, 1],
    [0, 0],
    [0, 0],
    [0, 0],
  ] as Pair[] as [Pair, Pair, Pair, Pair];
  const walk = [p];
  for (let t = 1; t <= steps; t++) {
    const g: Pair = [p[0] - 1, 132 * (p[1] - 0.5)];
    const kept = name === "RMSprop" ? 0.99 : 0.999;
    v = both((i) => momentum * v[i] + g[i]);
    m = both((i) => 0.9 * m[i] + 0.1 * g[i]);
    s = both((i) => kept * s[i] + (1 - kept) * g[i] ** 2);
    const adam = (i: 0 | 1): number => (stride * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(s[i] / (1 - 0.999 ** t)) + 1e-8);
    const rules: Record<string, (i: 0 | 1) => number> = {
      SGD: (i) => p[i] - rate * g[i],
      Momentum: (i) => p[i] - rate * v[i],
      Nesterov: (i) => p[i] - rate * (g[i] + momentum * v[i]),
      RMSprop: (i) => p[i] - (stride * g[i]) / (Math.sqrt(s[i]) + 1e-8),
      Adam: (i) => p[i] - adam(i),
      AdamW: (i) => p[i] * (1 - stride * decay) - adam(i),
    };
    p = both(rules[name]!);
    walk.push(p);
  }
  return walk;
}

describe("the race in the narrow valley", () => {
  it.each(["SGD", "Momentum", "Nesterov", "RMSprop", "Adam", "AdamW"])("%s walks as its rule says", async (name) => {
    const states = await take(race(settings), 101);
    for (const [step, place] of byHand(name, 100).entries()) {
      const { place: shown, height } = states[step]!.walkers[name]!;
      expect(shown[0]).toBeCloseTo(place[0], 9);
      expect(shown[1]).toBeCloseTo(place[1], 9);
      expect(height).toBeCloseTo((place[0] - 1) ** 2 / 2 + 66 * (place[1] - 0.5) ** 2, 8);
    }
  });

  it("tells the edges: 2/λ, (2 + 2β)/λ and (2 + 2β)/((1 + 2β) λ), however the valley is turned", async () => {
    for (const turn of [0, 35]) {
      const { edges } = (await take(race({ ...settings, turn }), 1))[0]!;
      expect(edges.SGD).toBeCloseTo(2 / 132, 12);
      expect(edges.Momentum).toBeCloseTo(3.8 / 132, 12);
      expect(edges.Nesterov).toBeCloseTo(3.8 / (2.8 * 132), 12);
    }
  });

  it.each(["SGD", "Momentum", "Nesterov"] as const)(
    "%s settles just below its edge, and flies apart just above it",
    async (name) => {
      const { edges } = (await take(race(settings), 1))[0]!;
      const heightAt = async (rate: number): Promise<number> =>
        (await take(race({ ...settings, rate }), 600)).at(-1)!.walkers[name]!.height;
      expect(await heightAt(edges[name] * 0.99)).toBeLessThan(21);
      expect(await heightAt(edges[name] * 1.01)).toBeGreaterThan(1e3);
    },
  );

  it("is the same race for those three however the valley lies, and a slower one for Adam in a turned valley", async () => {
    // The start is turned with the valley, around its lowest point.
    const [cos, sin] = [Math.cos(Math.PI / 4), Math.sin(Math.PI / 4)];
    const start: Pair = [1 - 3 * cos - 0.5 * sin, 0.5 - 3 * sin + 0.5 * cos];
    const straight = (await take(race(settings), 101)).at(-1)!.walkers;
    const turned = (await take(race({ ...settings, turn: 45, start }), 101)).at(-1)!.walkers;
    for (const name of ["SGD", "Momentum", "Nesterov"])
      expect(turned[name]!.height / straight[name]!.height).toBeCloseTo(1, 6);
    expect(turned.Adam!.height).toBeGreaterThan(100 * straight.Adam!.height);
  });

  it("follows its schedule: each share is what the formulas say", async () => {
    const shares = async (schedule: Settings["schedule"]): Promise<number[]> =>
      (await take(race({ ...settings, schedule }), 200)).map(({ share }) => share);
    const fall = (t: number, of: number): number => (1 + Math.cos((Math.PI * t) / of)) / 2;
    expect((await shares("cosine"))[50]).toBeCloseTo(fall(50, 200), 12);
    expect((await shares("steps")).filter((_, t) => t % 60 === 0)).toEqual([1, 0.2, 0.2 ** 2, 0.2 ** 3]);
    const warm = await shares("warmup");
    expect(warm[0]).toBeCloseTo(1 / 20, 12);
    expect(warm[19]).toBe(1);
    expect(warm[110]).toBeCloseTo(fall(90, 180), 12);
  });

  it("moves a walker by the share of the rate that its state shows", async () => {
    const states = await take(race({ ...settings, schedule: "warmup" }), 30);
    for (const [step, { share, walkers }] of states.slice(0, -1).entries()) {
      const { place } = walkers.SGD!;
      expect(states[step + 1]!.walkers.SGD!.place[0]).toBeCloseTo(place[0] - 0.01 * share * (place[0] - 1), 10);
    }
  });

  it("is quieter in the end where noise meets a falling rate", async () => {
    const late = async (schedule: Settings["schedule"]): Promise<number> => {
      const ends = (await take(race({ ...settings, noise: 3, schedule }), 201)).slice(180);
      return ends.reduce((sum, { walkers }) => sum + walkers.Momentum!.height, 0) / ends.length;
    };
    expect(await late("cosine")).toBeLessThan((await late("constant")) / 3);
  });

  it("prints what PyTorch printed", async () => {
    const text = await readFile(new URL("../src/lesson/07-better-walkers/race.pytorch.txt", import.meta.url), "utf8");
    const lines = text.trimEnd().split("\n");
    const cases: Partial<Settings>[] = [{}, { turn: 45 }, { noise: 3 }, { noise: 3, schedule: "cosine" }];
    for (const [i, change] of cases.entries()) {
      const states = await take(race({ ...settings, ...change }), 201);
      const names = lines[8 * i + 1]!.trim().split(/\s+/).slice(1);
      for (const line of lines.slice(8 * i + 2, 8 * i + 8)) {
        const [step, ...heights] = line.trim().split(/\s+/).map(Number);
        for (const [k, name] of names.entries())
          expect(states[step!]!.walkers[name]!.height / heights[k]!, `${name} at ${step}`).toBeCloseTo(1, 3);
      }
    }
  });
});

describe("the walks where the ground is no bowl", () => {
  it("prints what PyTorch printed", async () => {
    const text = await readFile(new URL("../src/lesson/07-better-walkers/zoo.pytorch.txt", import.meta.url), "utf8");
    const grounds = { "two hollows": "hollows", "a saddle": "saddle", "Rosenbrock's": "rosenbrock", "Beale's": "beale", "Himmelblau's": "himmelblau" } as const; // prettier-ignore
    const title = /^(.+) from \((.+), (.+)\), noise (.+): after 300 steps/;
    const blocks = text.split(/^(?=\S)/m);
    expect(blocks.length).toBe(7);
    for (const block of blocks) {
      const [head, ...rows] = block.trimEnd().split("\n");
      const [, name, x, y, noise] = title.exec(head!)!;
      const ground = grounds[name as keyof typeof grounds];
      const states = await take(zoo({ ...still, ground, start: [Number(x), Number(y)], noise: Number(noise) }), 301);
      expect(rows.length).toBe(6);
      for (const row of rows) {
        const [, walker, endX, endY] = /^\s+(\w+)\s+at \((.+), (.+)\)/.exec(row)!;
        const { place } = states.at(-1)!.walkers[walker!]!;
        expect(place[0]).toBeCloseTo(Number(endX), 3);
        expect(place[1]).toBeCloseTo(Number(endY), 3);
      }
    }
  });

  it("has no slope at what it calls bottoms, and is lowest at one of them", async () => {
    for (const ground of ["rosenbrock", "beale", "himmelblau", "saddle", "hollows"] as const) {
      const [first] = await take(zoo({ ...still, ground }), 1);
      const { bottoms, heights } = first!.map!;
      expect(Math.min(...heights.flat())).toBeGreaterThanOrEqual(-1e-9);
      for (const start of bottoms) {
        const [, next] = await take(zoo({ ...still, ground, start }), 2);
        const { place } = next!.walkers.SGD!;
        expect(Math.hypot(place[0] - start[0], place[1] - start[1])).toBeLessThan(1e-6);
      }
    }
  });

  it("holds everyone at the saddle, until there is noise", async () => {
    const onRidge = (await take(zoo({ ...still, ground: "saddle" }), 301)).at(-1)!.walkers;
    for (const { place } of Object.values(onRidge)) expect(Math.hypot(...place)).toBeLessThan(1e-2);
    const shaken = (await take(zoo({ ...still, ground: "saddle", noise: 0.25 }), 301)).at(-1)!.walkers;
    for (const { place, height } of Object.values(shaken)) {
      expect(Math.abs(place[1])).toBeGreaterThan(0.9);
      expect(height).toBeLessThan(0.02);
    }
  });

  it("lets momentum carry a walker out of a shallow hollow into a deep one, and out of the deep one as well", async () => {
    const ends = async (start: Pair | null): Promise<Record<string, boolean>> => {
      const { walkers } = (await take(zoo({ ...still, start }), 301)).at(-1)!;
      return Object.fromEntries(Object.entries(walkers).map(([name, { place }]) => [name, place[0] < 0]));
    };
    expect(await ends(null)).toMatchObject({ SGD: false, Momentum: true, Adam: false });
    expect(await ends([-1.7, 1.2])).toMatchObject({ SGD: true, Momentum: false, Adam: true });
  });
});
