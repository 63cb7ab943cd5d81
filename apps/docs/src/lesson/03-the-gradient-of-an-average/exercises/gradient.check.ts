import { AutogradFunction, type FunctionContext, gradcheck, GradcheckError, type Tensor, tensor } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const xs = [1, 2, 4, 5];
const ys = [4, 8, 11, 15];
const lines = [[0, 0], [3, 2], [2.5, -1]] as const; // prettier-ignore
const n = xs.length;
const x = tensor(xs, { dtype: "float64" });
const y = tensor(ys, { dtype: "float64" });

export async function check({ gradient }: { gradient?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof gradient !== "function") return no("Export a function called gradient.");
  for (const [w, b] of lines) {
    const given = (gradient as (w: number, b: number, xs: number[], ys: number[]) => unknown)(w, b, [...xs], [...ys]);
    if (!Array.isArray(given) || given.length !== 2 || !given.every((value) => typeof value === "number"))
      return no("gradient returns a list of two numbers: along w, along b.");

    // Your gradient as the gradient of the loss: gradcheck compares it with small steps to both sides.
    class ByHand extends AutogradFunction {
      static forward(_ctx: FunctionContext, line: Tensor): Tensor {
        return y
          .sub(x.mul(line.at(0)).add(line.at(1)))
          .square()
          .mean();
      }
      static backward(_ctx: FunctionContext, grad: Tensor): Tensor {
        return tensor(given as number[], { dtype: "float64" }).mul(grad);
      }
    }
    try {
      await gradcheck((line) => ByHand.apply(line), tensor([w, b], { dtype: "float64", requiresGrad: true }));
    } catch (error) {
      if (!(error instanceof GradcheckError)) throw error;
      const along = error.entry?.inputIndex[0] === 1 ? 1 : 0;
      const residuals = xs.map((x, i) => ys[i]! - (w * x + b));
      const right = residuals.reduce((sum, r, i) => sum - 2 * r * (along === 0 ? xs[i]! : 1), 0) / n;
      const where = `At w = ${w}, b = ${b} the slope along ${along === 0 ? "w" : "b"} is not yours, ${given[along]}.`;
      return no(`${where} ${hint(given[along]! / right)}`);
    }
  }
  return { ok: true, message: "gradcheck agrees on every line: the mean of −2·x·(y − ŷ), and of −2·(y − ŷ)." };
}

function hint(ratio: number): string {
  if (ratio < 0) return "Its sign is wrong: where the line is too low, the loss falls when w grows.";
  const times = [n, 1 / n, 1 / 2].find((factor) => Math.abs(ratio - factor) < 1e-6);
  if (times === n) return `It is ${n} times too large: that is the sum, and there are ${n} examples.`;
  if (times === 1 / n) return `It is ${n} times too small: is something divided twice?`;
  if (times === 1 / 2) return "It is half of what it should be: the square brings down a 2.";
  return "An example's loss is (y − ŷ)², and ŷ = w·x + b changes by x when w changes by 1.";
}
