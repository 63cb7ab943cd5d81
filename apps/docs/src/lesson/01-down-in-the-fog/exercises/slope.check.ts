import { AutogradFunction, type FunctionContext, gradcheck, GradcheckError, type Tensor, tensor } from "@downhill/core";

const places = [[1, 1], [0, 1], [-1.2, 1], [0.5, -0.7]] as const; // prettier-ignore
const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });

export async function check({ slope }: { slope?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof slope !== "function") return no("Export a function called slope.");
  for (const [x, y] of places) {
    const given = (slope as (x: number, y: number) => unknown)(x, y);
    if (!Array.isArray(given) || given.length !== 2 || !given.every((value) => typeof value === "number"))
      return no("slope returns a list of two numbers: along x, along y.");

    // Your gradient as the gradient of the function: gradcheck compares it with small steps to both sides.
    class ByHand extends AutogradFunction {
      static forward(_ctx: FunctionContext, p: Tensor): Tensor {
        const [px, py] = [p.at(0), p.at(1)];
        return px.sub(1).square().add(py.sub(px.square()).square().mul(100));
      }
      static backward(_ctx: FunctionContext, grad: Tensor): Tensor {
        return tensor(given as number[], { dtype: "float64" }).mul(grad);
      }
    }
    try {
      await gradcheck((p) => ByHand.apply(p), tensor([x, y], { dtype: "float64", requiresGrad: true }));
    } catch (error) {
      if (!(error instanceof GradcheckError)) throw error;
      const isY = error.entry?.inputIndex[0] === 1;
      const hint = isY
        ? "Along y, x stands still: only the second term changes, and its square brings down a 2."
        : "Along x both terms change. In the second, y - x² changes by -2x: that is the chain rule's factor.";
      return no(`At (${x}, ${y}) the slope along ${isY ? "y" : "x"} is not yours, ${given[isY ? 1 : 0]}. ${hint}`);
    }
  }
  return { ok: true, message: "gradcheck agrees at every place: (2 (x - 1) - 400 x (y - x²), 200 (y - x²))." };
}
