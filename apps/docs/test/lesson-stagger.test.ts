import { readFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { experiment, type Settings, type State } from "../src/lesson/04-one-sample-at-a-time/experiment.js";
import { experiment as orderExperiment, type Order } from "../src/lesson/04-one-sample-at-a-time/order.experiment.js";
import { take } from "./take.js";

const settings: Settings = { seed: 42, rate: 0.01, start: null };

interface Sample {
  readonly x: number;
  readonly y: number;
}
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const averageOf = (samples: readonly Sample[], w: number, b: number): number =>
  mean(samples.map(({ x, y }) => (y - (w * x + b)) ** 2));

/** The lesson's first program: each sample's turn comes in the first epoch. */
async function program(): Promise<{ states: State[]; samples: Sample[] }> {
  const states = await take(experiment(settings), 501);
  return { states, samples: states.slice(0, 100).map(({ x, y }) => ({ x, y })) };
}

describe("one sample at a time", () => {
  it("prints the losses and ends with the parameters that NumPy prints", async () => {
    const fixture = new URL("../../playground/test/fixtures/lesson.json", import.meta.url);
    const { byHand } = JSON.parse(await readFile(fixture, "utf8")) as { byHand: string[] };
    const { states } = await program();
    const lines = states
      .slice(0, 500)
      .filter((_, step) => step % 10 === 0)
      .map(({ epoch, sample, loss }) => `Epoch ${epoch}, Sample ${sample}, Loss: ${loss.toFixed(4)}`);
    const [w, b] = states[500]!.place.map((value) => value.toFixed(4)) as [string, string];
    expect([...lines, `Trained weight: ${w}, trained bias: ${b}`]).toEqual(byHand);
    expect([w, b]).toEqual(["5.0597", "6.7929"]); // as the page says
  });

  it("steps against the sample's own gradient, as written by hand, and knows the average of all", async () => {
    const { states, samples } = await program();
    let [w, b] = states[0]!.place;
    for (const [step, state] of states.entries()) {
      const { x, y } = samples[step % 100]!;
      const error = y - (w * x + b);
      expect(state.place[0]).toBeCloseTo(w, 11);
      expect(state.place[1]).toBeCloseTo(b, 11);
      expect(state.average).toBeCloseTo(averageOf(samples, w, b), 7);
      expect(state.gradients[step % 100]![0]).toBeCloseTo(-2 * x * error, 8);
      [w, b] = [w + 0.01 * 2 * x * error, b + 0.01 * 2 * error];
    }
  });

  it("calls a sample uphill exactly if a tiny step against its gradient makes the average rise", async () => {
    const { states, samples } = await program();
    for (const { place, gradients, uphill } of [0, 1, 20, 77, 300].map((step) => states[step]!)) {
      const [w, b] = place;
      const rises = gradients.map(([gw, gb]) => {
        const tiny = 1e-7 / Math.hypot(gw, gb);
        return averageOf(samples, w - tiny * gw, b - tiny * gb) > averageOf(samples, w, b);
      });
      expect(uphill).toEqual(rises);
    }
  });

  it("has none that points uphill at the start, a third on the way, about half next to the best line", async () => {
    const { states } = await program();
    const count = ({ uphill }: State): number => uphill.filter(Boolean).length;
    expect(count(states[0]!)).toBe(0);
    expect(Math.abs(mean(states.slice(20).map(count)) - 33)).toBeLessThan(3);
    const [near] = await take(experiment({ ...settings, start: [4.95, 7.2] }), 1);
    expect(count(near!)).toBe(47); // as the page says
  });

  it("has what the page says of the first epoch, and of a full-batch walker's one step", async () => {
    const { states, samples } = await program();
    expect(states[2]!.place[0].toFixed(2)).toBe("8.46");
    expect(states[0]!.average.toFixed(0)).toBe("1055");
    expect(states[100]!.average.toFixed(2)).toBe("4.87");
    const [w, b] = states[0]!.place;
    const [alongW, alongB] = [0, 1].map((k) => mean(states[0]!.gradients.map((slope) => slope[k]!))) as [
      number,
      number,
    ];
    expect(averageOf(samples, w - 0.01 * alongW, b - 0.01 * alongB).toFixed(0)).toBe("150");
    expect([states[50]!.loss.toFixed(4), states[120]!.loss.toFixed(4)]).toEqual(["31.2489", "0.0064"]);
  });

  it("marks the rate at which the sample with the largest x ends as far off as it was", async () => {
    const { states, samples } = await program();
    const largest = Math.max(...samples.map(({ x }) => x));
    const { edge } = states[0]!;
    expect(edge.toFixed(4)).toBe("0.0102");
    expect(largest.toFixed(2)).toBe("9.87");
    expect(1 - 2 * edge * (1 + largest ** 2)).toBeCloseTo(-1, 12); // what an update multiplies its error by
  });

  it("brings the map with its first state, rows of b from the lowest, columns of w", async () => {
    const { states, samples } = await program();
    expect(states[0]!.land![0]![0]).toBeCloseTo(averageOf(samples, -1, -3), 8);
    expect(states[0]!.land![60]![30]).toBeCloseTo(averageOf(samples, 4, 12), 8);
    expect(states[1]!.land).toBeNull();
    const [first] = await take(orderExperiment({ seed: 42, rate: 0.01 }), 1);
    expect(first!.land![0]![60]).toBeCloseTo(averageOf(samples, 6.5, 2), 8);
  });

  it("ends when the walk has flown apart", async () => {
    const states = await take(experiment({ ...settings, rate: 0.03 }), 500);
    expect(states.length).toBeLessThan(500);
    expect(states.at(-1)!.average).toBeGreaterThan(1e9);
  });
});

describe("three orders", () => {
  const orders: readonly Order[] = ["drawn", "shuffled", "sorted"];

  it("are the same samples, each once an epoch: as drawn, shuffled anew, and by x", async () => {
    const { samples } = await program();
    const states = await take(orderExperiment({ seed: 42, rate: 0.01 }), 200);
    const indices = (order: Order, epoch: number): number[] =>
      states.slice(100 * epoch, 100 * epoch + 100).map((state) => state[order].sample - 1);
    const all = Array.from({ length: 100 }, (_, i) => i);
    for (const order of orders)
      for (const epoch of [0, 1]) expect(indices(order, epoch).toSorted((a, b) => a - b)).toEqual(all);
    expect(indices("drawn", 1)).toEqual(all);
    expect(indices("shuffled", 1)).not.toEqual(indices("shuffled", 0));
    const xs = indices("sorted", 1).map((i) => samples[i]!.x);
    expect(xs).toEqual(xs.toSorted((a, b) => a - b));
  });

  it("are walked by hand, each from the same start", async () => {
    const { samples, states: stored } = await program();
    const states = await take(orderExperiment({ seed: 42, rate: 0.01 }), 501);
    for (const order of orders) {
      let [w, b] = stored[0]!.place;
      for (const { [order]: walker } of states) {
        expect(walker.place[0]).toBeCloseTo(w, 10);
        expect(walker.place[1]).toBeCloseTo(b, 10);
        expect(walker.average).toBeCloseTo(averageOf(samples, w, b), 7);
        const { x, y } = samples[walker.sample - 1]!;
        const error = y - (w * x + b);
        [w, b] = [w + 0.01 * 2 * x * error, b + 0.01 * 2 * error];
      }
    }
  });

  it("have the losses that PyTorch's tab shows", async () => {
    const output = await readFile(
      new URL("../src/lesson/04-one-sample-at-a-time/order.pytorch.txt", import.meta.url),
      "utf8",
    );
    const states = await take(orderExperiment({ seed: 42, rate: 0.01 }), 501);
    const line = (order: Order): string =>
      [1, 2, 3, 4, 5].map((epoch) => states[100 * epoch]![order].average.toFixed(4)).join(" ");
    for (const order of orders) expect(output).toContain(line(order));
    expect(states[500]!.sorted.average.toFixed(1)).toBe("3.2"); // as the page says
  });

  it("make a difference at 0.012: only the sorted walker is thrown out", async () => {
    const { drawn, shuffled, sorted } = (await take(orderExperiment({ seed: 42, rate: 0.012 }), 501)).at(-1)!;
    expect(sorted.average).toBeGreaterThan(500);
    expect(Math.max(drawn.average, shuffled.average)).toBeLessThan(10);
  });

  it("lie around a best line that is not the truth: 4.954 and 7.215, with a loss of 0.81", async () => {
    const { samples } = await program();
    const [mx, my] = [mean(samples.map(({ x }) => x)), mean(samples.map(({ y }) => y))];
    const w = mean(samples.map(({ x, y }) => (x - mx) * (y - my))) / mean(samples.map(({ x }) => (x - mx) ** 2));
    const b = my - w * mx;
    expect([w.toFixed(3), b.toFixed(3), averageOf(samples, w, b).toFixed(2)]).toEqual(["4.954", "7.215", "0.81"]);
  });
});
