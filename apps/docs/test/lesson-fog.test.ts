import { describe, expect, it } from "vitest";
import { experiment, type Settings, type State } from "../src/lesson/01-down-in-the-fog/experiment.js";
import { take } from "./take.js";

const settings: Settings = { seed: 0, start: [-1.2, 1], rate: 0.001 };
const height = (x: number, y: number): number => (x - 1) ** 2 + 100 * (y - x ** 2) ** 2;

describe("the walk in the fog", () => {
  it("is gradient descent, step by step, as written by hand", async () => {
    let [x, y] = [-1.2, 1];
    for (const { place, height: here, slope } of await take(experiment(settings), 200)) {
      const [dx, dy] = [2 * (x - 1) - 400 * x * (y - x ** 2), 200 * (y - x ** 2)];
      expect(place[0]).toBeCloseTo(x, 10);
      expect(place[1]).toBeCloseTo(y, 10);
      expect(here).toBeCloseTo(height(x, y), 9);
      expect(slope[0]).toBeCloseTo(dx, 8);
      expect(slope[1]).toBeCloseTo(dy, 8);
      [x, y] = [x - 0.001 * dx, y - 0.001 * dy];
    }
  });

  it("knows the edge of divergence, 2 / λmax, from the Hessian", async () => {
    for (const { place, limit, limitAtMinimum } of await take(experiment(settings), 5)) {
      const [x, y] = place;
      // Eigenvalues of [[a, b], [b, 200]]: the roots of λ² - (a + 200) λ + 200 a - b².
      const [a, b] = [2 - 400 * (y - 3 * x ** 2), -400 * x];
      const largest = (a + 200 + Math.sqrt((a + 200) ** 2 - 4 * (200 * a - b ** 2))) / 2;
      expect(limit).toBeCloseTo(2 / largest, 12);
      expect(limitAtMinimum).toBeCloseTo(0.0019968, 7); // of [[802, -400], [-400, 200]]
    }
  });

  it("settles near the minimum just below the edge, and not just above it", async () => {
    const away = async (rate: number): Promise<number> => {
      const states = await take(experiment({ seed: 0, start: [1.001, 1.0015], rate }), 400);
      const [x, y] = states.at(-1)!.place;
      return Math.hypot(x - 1, y - 1);
    };
    const start = Math.hypot(0.001, 0.0015);
    expect(await away(0.00198)).toBeLessThan(start);
    expect(await away(0.00202)).toBeGreaterThan(start);
  });

  it("ends when the walker was thrown out", async () => {
    const states = await take(experiment({ ...settings, start: [1.9, 1.1], rate: 0.003 }), 100);
    expect(states.length).toBeLessThan(20);
    expect(states.at(-1)!.height).toBeGreaterThan(1e9);
  });

  it("starts where the seed says, elsewhere with another one, inside the map", async () => {
    const starts = await Promise.all(
      [0, 1, 2].map(async (seed) => (await take(experiment({ ...settings, seed, start: null }), 1))[0]!.place),
    );
    expect(new Set(starts.flat()).size).toBe(6);
    for (const place of starts.flat()) expect(Math.abs(place - 0.5)).toBeLessThanOrEqual(1.5);
  });

  it("brings the map with its first state, heights row by row from the lowest y", async () => {
    const [first, second] = (await take(experiment(settings), 2)) as [State, State];
    expect(first.land![0]![0]).toBeCloseTo(height(-2, -1), 9);
    expect(first.land![80]![40]).toBeCloseTo(height(0, 3), 9);
    expect(first.land![40]![60]).toBeCloseTo(height(1, 1), 9);
    expect(second.land).toBeNull();
  });
});
