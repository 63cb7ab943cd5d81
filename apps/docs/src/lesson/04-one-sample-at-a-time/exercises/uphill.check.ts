import { RandomState } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const lines = [[0, 0], [4.95, 7.2], [5.4, 4.5], [4.6, 9.8]] as const; // prettier-ignore

export async function check({ uphill }: { uphill?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof uphill !== "function") return no("Export a function called uphill.");
  const random = new RandomState(42);
  const X = random.uniform(0, 10, 100);
  const xs = [...(await X.data())] as number[];
  const ys = [...(await X.mul(5).add(7).add(random.randn(100)).data())] as number[];
  const counts: number[] = [];
  for (const [w, b] of lines) {
    const gradients = xs.map((x, i) => [-2 * x, -2].map((factor) => factor * (ys[i]! - (w * x + b)))) as [
      number,
      number,
    ][];
    const mean = [0, 1].map((k) => gradients.reduce((sum, slope) => sum + slope[k]!, 0) / xs.length) as [
      number,
      number,
    ];
    const right = gradients.filter(([gw, gb]) => gw * mean[0] + gb * mean[1] < 0).length;
    const given: unknown = (uphill as (w: number, b: number, xs: number[], ys: number[]) => unknown)(
      w,
      b,
      [...xs],
      [...ys],
    );
    if (typeof given !== "number") return no("uphill returns a number: how many of the samples.");
    counts.push(right);
    if (given === right) continue;
    const where = `At w = ${w}, b = ${b} you count ${given}, and it is ${right} of ${xs.length}.`;
    if (given === xs.length - right) return no(`${where} You count the others: those that point downhill.`);
    return no(`${where} Against a sample's gradient the average changes by minus the product of two gradients, the sample's and the average's: w times w plus b times b.`); // prettier-ignore
  }
  return {
    ok: true,
    message: `Far away ${counts[0]}, next to the best line ${counts[1]} of 100: there it is a coin's toss.`,
  };
}
