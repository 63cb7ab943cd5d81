import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { experiment, type State } from "../src/lesson/05-let-autograd-do-it/experiment.js";
import { layOut } from "../src/lesson/05-let-autograd-do-it/graph-layout.js";
import { epochsOf } from "../src/lesson/05-let-autograd-do-it/losses.js";
import {
  experiment as explain,
  type Explanation,
  type Settings,
} from "../src/lesson/05-let-autograd-do-it/step.experiment.js";
import { inSymbols } from "../src/lesson/05-let-autograd-do-it/symbols.js";
import { take } from "./take.js";

const lesson = new URL("../src/lesson/05-let-autograd-do-it/", import.meta.url);
const printed = (name: string): string => readFileSync(new URL(name, lesson), "utf8");

describe("program 2, looked into", () => {
  it("has the losses and the parameters that PyTorch prints", async () => {
    const states = await take(experiment({ seed: 0, rate: 0.01 }), 1000);
    expect(states).toHaveLength(500);
    const lines = states.flatMap(({ epoch, sample, loss }) =>
      sample % 10 === 0 ? [`Epoch [${epoch}/5], Sample [${sample}/100], Loss: ${loss.toFixed(4)}`] : [],
    );
    const output = printed("pytorch.txt");
    expect(lines).toEqual(output.split("\n").filter((line) => line.startsWith("Epoch")));
    const averages = epochsOf(states).map(({ average }, i) => `the average of epoch ${i + 1}: ${average.toFixed(4)}`);
    expect(averages).toEqual(output.split("\n").filter((line) => line.startsWith("the average")));
    const [w, b] = states.at(-1)!.after.map((value) => value.toFixed(4));
    expect(output).toContain(`weight ${w!}, bias ${b!}`);
  });

  it("has on each Node the value and the gradient that mathematics has", async () => {
    for (const { graph, loss, before, gradients, after } of await take(experiment({ seed: 3, rate: 0.01 }), 20)) {
      const node = (name: string) => graph.find((each) => each.name === name)!;
      const [x, y] = [node("x").value, node("y").value];
      const [w, b] = before;
      const miss = w * x + b - y;
      const near = (value: number | null, to: number): void =>
        expect(Math.abs(value! - to)).toBeLessThan(1e-5 * Math.max(1, Math.abs(to)));
      near(node("ŷ").value, w * x + b);
      near(loss, miss ** 2);
      near(node("loss").value, loss);
      expect(node("loss").gradient).toBe(1);
      near(node("ŷ").gradient, 2 * miss);
      near(node("weight").gradient, 2 * miss * x);
      near(node("bias").gradient, 2 * miss);
      expect([node("x").gradient, node("y").gradient]).toEqual([null, null]);
      expect(gradients).toEqual([node("weight").gradient, node("bias").gradient]);
      near(after[0], w - 0.01 * gradients[0]);
      near(after[1], b - 0.01 * gradients[1]);
    }
  });

  it("records the ops of a linear module and of a mean squared error, and nothing else", async () => {
    const [{ graph }] = (await take(experiment({ seed: 0, rate: 0.01 }), 1)) as [State];
    const ops = graph.filter(({ inputs }) => inputs.length > 0).map(({ op }) => op);
    expect(ops).toEqual(["reshape", "matmul", "reshape", "add", "sub", "mul", "sum", "div"]);
  });
});

describe("the drawn graph", () => {
  it("has every Node at a place of its own, below what it is mainly computed from, with or without the views", async () => {
    const [{ graph }] = (await take(experiment({ seed: 0, rate: 0.01 }), 1)) as [State];
    for (const withViews of [false, true]) {
      const placed = layOut(graph, withViews);
      expect(placed).toHaveLength(withViews ? graph.length : graph.length - 2);
      expect(new Set(placed.map(({ row, column }) => `${row} ${column}`)).size).toBe(placed.length);
      for (const { row, column, inputs } of placed) {
        const above = inputs.map((input) => placed[input]!);
        if (inputs.length > 0)
          expect(above.some((other) => other.column === column && other.row === row - 1)).toBe(true);
        for (const other of above) expect(other.row).toBeLessThanOrEqual(row);
      }
      expect(Math.max(...placed.map(({ column }) => column))).toBe(1);
    }
  });

  it("takes graphs with several branches and with values that are used twice", () => {
    const node = (name: string, inputs: number[]) => ({ op: "mul", name, inputs, shape: [], value: 0, gradient: 1 });
    // (a·b)·(c·d), and a once more
    const placed = layOut(
      [node("a", []), node("b", []), node("ab", [0, 1]), node("c", []), node("d", []), node("cd", [3, 4]), node("p", [2, 5]), node("q", [6, 0])], // prettier-ignore
      false,
    );
    expect(placed.map(({ node }) => node.name)).toEqual(["a", "b", "ab", "c", "d", "cd", "p", "q"]);
    expect(new Set(placed.map(({ row, column }) => `${row} ${column}`)).size).toBe(8);
  });
});

const settings: Settings = { seed: 0, optimizer: "sgd", rate: 0.001, momentum: 0.9, decay: 0 };
const term = ({ terms }: Explanation, name: string) => terms.find((each) => each.name === name)!;

describe("the explained step", () => {
  it("is SGD with momentum, computed by hand", async () => {
    let buffer = 0;
    for (const { weight } of await take(explain({ ...settings, decay: 0.1 }), 6)) {
      const w = term(weight, "param").before!;
      const g = term(weight, "grad").value + 0.1 * w;
      buffer = 0.9 * buffer + g;
      expect(term(weight, "momentumBuffer").value / buffer).toBeCloseTo(1, 5);
      expect(term(weight, "param").value).toBeCloseTo(w - 0.001 * buffer, 5);
    }
  });

  it("is AdamW, computed by hand", async () => {
    let [m, v] = [0, 0];
    const states = await take(explain({ ...settings, optimizer: "adamw", rate: 0.05, decay: 0.2 }), 6);
    for (const [i, { bias }] of states.entries()) {
      const [b, g] = [term(bias, "param").before!, term(bias, "grad").value];
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const change = (0.05 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
      expect(term(bias, "change").value).toBeCloseTo(change, 5);
      expect(term(bias, "decayed").value).toBeCloseTo(b * (1 - 0.05 * 0.2), 5);
      expect(term(bias, "param").value).toBeCloseTo(b * (1 - 0.05 * 0.2) - change, 5);
    }
  });

  it("goes as PyTorch goes", async () => {
    const line = ({ weight }: { weight: Explanation }): string =>
      `${term(weight, "param").before!.toFixed(5)} -> ${term(weight, "param").value.toFixed(5)}`;
    const went: string[] = [];
    for (const [optimizer, decay] of [
      ["sgd", 0],
      ["adam", 0],
      ["adamw", 0.1],
    ] as const)
      // prettier-ignore
      went.push(...(await take(explain({ ...settings, optimizer, decay }), 4)).map(line));
    expect(went).toEqual([...printed("step.pytorch.txt").matchAll(/weight (.*)/g)].map(([, text]) => text));
  });

  it("goes on where it said it would, with every optimizer, and has a term for each curve", async () => {
    for (const optimizer of ["sgd", "nesterov", "rmsprop", "adam", "adamw", "lion"] as const) {
      const states = await take(explain({ ...settings, optimizer, decay: 0.05 }), 5);
      for (const name of ["grad", "change", "param"]) expect(term(states[4]!.bias, name).value).not.toBeNaN();
      states.slice(1).forEach(({ weight }, i) =>
        // The last bit may differ: how the arithmetic is cut into kernels decides what is rounded.
        expect(term(weight, "param").before).toBeCloseTo(term(states[i]!.weight, "param").value, 6),
      );
    }
  });

  it("is written in the page's letters", () => {
    const formula = "expAvg · lr / (1 - betas[0] ^ step) / (√expAvgSq / √(1 - betas[1] ^ step) + eps)";
    expect(inSymbols(formula, "w")).toBe("m · rate / (1 − β₁ᵗ) / (√v / √(1 − β₂ᵗ) + ε)");
    expect(inSymbols("param - change", "b")).toBe("b − change");
  });
});
