import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { manualSeed, rand, randn, type Tensor } from "@downhill/core";
import { DataLoader, TensorDataset } from "@downhill/data";
import { Linear, type Module, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";

interface Trained {
  readonly losses: number[];
  readonly final: number[][];
}

interface Variant {
  readonly seed: number;
  readonly n: number;
  readonly features: number;
  readonly rate: number;
  readonly epochs: number;
  readonly batch: number;
  readonly program2: Trained & { readonly initial: number[][] };
  readonly program3: Trained;
}

const text = readFileSync(join(import.meta.dirname, "fixtures/lesson.json"), "utf8");
const { byHand, variants } = JSON.parse(text) as { byHand: string[]; variants: Variant[] };
// Seeds beyond 2^53 lose digits as JSON numbers: read them as they are written.
const seeds = [...text.matchAll(/"seed": (\d+)/g)].map(([, digits]) => BigInt(digits!));

/** Runs a program of the lesson as `npm start` does, on the built packages, and returns its lines. */
async function run(name: string): Promise<string[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(import.meta.dirname, "../programs", name)]);
  return stdout.trimEnd().split("\n");
}

const values = async (model: Module): Promise<number[][]> => {
  const all: number[][] = [];
  for (const parameter of model.parameters()) all.push([...(await parameter.data())]);
  return all;
};

/** Equal at four decimals, or, where losses have grown large, in the first five digits. */
function expectSame(got: readonly number[], expected: readonly number[]): void {
  expect(got).toHaveLength(expected.length);
  got.forEach((x, i) => expect(Math.abs(x - expected[i]!)).toBeLessThanOrEqual(5e-5 + 1e-5 * Math.abs(expected[i]!)));
}

describe("the programs print what Python prints", () => {
  const [lesson] = variants;

  it("1, by hand: every line", async () => {
    expect(await run("1-by-hand.ts")).toEqual(byHand);
  });

  it("2, one sample at a time: parameters before and after, and every loss", async () => {
    const lines = await run("2-one-sample-at-a-time.ts");
    const losses = lines.filter((line) => line.startsWith("Epoch"));
    expect(losses).toEqual(
      lesson!.program2.losses.map((loss, k) => {
        const epoch = Math.floor(k / 10) + 1;
        return `Epoch [${epoch}/5], Sample [${((k % 10) + 1) * 10}/100], Loss: ${loss.toFixed(4)}`;
      }),
    );
    expect(lines.join("\n")).toContain(parameters(lesson!.program2.initial));
    expect(lines.join("\n")).toContain(parameters(lesson!.program2.final));
  });

  it("3, mini-batches: the last loss of each epoch, and the parameters", async () => {
    const lines = await run("3-mini-batches.ts");
    expect(lines.slice(0, 5)).toEqual(
      lesson!.program3.losses.map((loss, k) => `Epoch [${k + 1}/5], Loss: ${loss.toFixed(4)}`),
    );
    expect(lines.join("\n")).toContain(parameters(lesson!.program3.final));
  });

  function parameters([weight, bias]: number[][]): string {
    const shown = [`tensor([[${weight![0]!.toFixed(4)}]]`, `tensor([${bias![0]!.toFixed(4)}]`];
    return shown.map((start) => `  Parameter containing:\n  ${start}, requiresGrad=true)`).join(",\n");
  }
});

describe.each(variants.map((variant, i) => ({ ...variant, seed: seeds[i]! })))(
  "programs 2 and 3 with seed $seed, $n samples of $features features, rate $rate, batches of $batch",
  ({ seed, n, features, rate, epochs, batch, program2, program3 }) => {
    it("compute what PyTorch computes", async () => {
      manualSeed(seed);
      const X = rand([n, features]).mul(10);
      const y = X.sum(1, { keepdim: true })
        .mul(2)
        .add(3)
        .add(randn([n, 1]));
      const criterion = new MSELoss();
      const step = (
        model: Module & { forward(x: Tensor): Tensor },
        optimizer: SGD,
        input: Tensor,
        target: Tensor,
      ): Tensor => {
        optimizer.zeroGrad();
        const loss = criterion.forward(model.forward(input), target);
        loss.backward();
        optimizer.step();
        return loss;
      };

      const first = new Linear(features, 1);
      (await values(first)).forEach((list, i) => expect(list).toEqual(program2.initial[i]));
      const optimizer = new SGD(first.parameters(), { lr: rate });
      const losses: number[] = [];
      for (let epoch = 0; epoch < epochs; epoch++) {
        for (let i = 0; i < n; i++) {
          const loss = step(first, optimizer, X.at(i), y.at(i));
          if ((i + 1) % 10 === 0) losses.push(await loss.item());
        }
      }
      expectSame(losses, program2.losses);
      expectSame((await values(first)).flat(), program2.final.flat());

      const second = new Linear(features, 1);
      const batched = new SGD(second.parameters(), { lr: rate });
      const loader = new DataLoader(new TensorDataset(X, y), { batchSize: batch, shuffle: true });
      const lasts: number[] = [];
      for (let epoch = 0; epoch < epochs; epoch++) {
        let last: Tensor | undefined;
        for await (const [batchX, batchY] of loader) last = step(second, batched, batchX, batchY);
        lasts.push(await last!.item());
      }
      expectSame(lasts, program3.losses);
      expectSame((await values(second)).flat(), program3.final.flat());
    });
  },
);
