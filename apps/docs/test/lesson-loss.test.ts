import { describe, expect, it } from "vitest";
import { experiment, type Settings } from "../src/lesson/02-what-a-loss-is/experiment.js";
import { take } from "./take.js";

const points = [
  [1, 4],
  [2, 8],
  [4, 11],
] as const;
const settings: Settings = { seed: 0, points, w: 2, b: 3 };

describe("the loss of a line", () => {
  it("is what each example costs, and the average of those counted", async () => {
    const states = await take(experiment(settings), 10);
    expect(states.map(({ seen }) => seen)).toEqual([0, 1, 2, 3]);
    const { predictions, residuals, losses } = states[0]!;
    expect({ predictions, residuals, losses }).toEqual({
      predictions: [5, 7, 11],
      residuals: [-1, 1, 0],
      losses: [1, 1, 0],
    });
    expect(states.map(({ average }) => average)).toEqual([NaN, 1, 1, 2 / 3]);
  });

  it("over all lines is the same average at each place of the map", async () => {
    const states = await take(experiment(settings), 4);
    for (const { land, seen } of states.slice(1)) {
      for (const [row, column] of [
        [0, 0],
        [20, 20],
        [40, 7],
      ] as const) {
        // prettier-ignore
        const [w, b] = [-1 + (6 * column) / 40, -7 + (20 * row) / 40];
        const counted = points.slice(0, seen);
        const average = counted.reduce((sum, [x, y]) => sum + (y - w * x - b) ** 2, 0) / seen;
        expect(land[row]![column]).toBeCloseTo(average, 9);
      }
    }
  });

  it("of one example is nothing along a whole line of lines: a trench", async () => {
    const states = await take(experiment({ ...settings, points: [[0, 3]] }), 2);
    for (const column of [0, 10, 40]) expect(states[1]!.land[20]![column]).toBe(0);
  });

  it("has eight examples along y = 2x + 3 from the seed, others from another", async () => {
    const drawn = async (seed: number): Promise<readonly (readonly [number, number])[]> =>
      (await take(experiment({ seed, points: null, w: 0, b: 0 }), 1))[0]!.points;
    const first = await drawn(0);
    expect(first).toHaveLength(8);
    // As torch 1.13 draws them: see pytorch.txt.
    expect(first.slice(0, 2)).toEqual([
      [9.7, 21],
      [7.1, 16.4],
    ]);
    expect(await drawn(1)).not.toEqual(first);
    for (const [x, y] of first) expect(Math.abs(y - 2 * x - 3)).toBeLessThan(8);
  });
});
