import { tensor } from "@downhill/core";
import { SGD } from "@downhill/optim";

interface Walker {
  place: number[];
  velocity: number[];
}
type Step = (walker: Walker, slope: number[], rate: number, momentum: number) => unknown;

const [rate, momentum] = [0.05, 0.8];
const slopeAt = ([x, y]: number[]): number[] => [2 * x!, 10 * y!];
const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const text = (place: number[]): string => `(${place.map((value) => Number(value.toFixed(4))).join(", ")})`;
const near = (a: number[], b: number[]): boolean => a.every((value, i) => Math.abs(value - b[i]!) < 1e-9);

/** Where an update leads in three steps, after the first. */
function walk(update: Step): number[][] {
  let walker: Walker = { place: [2, 1], velocity: [0, 0] };
  return [1, 2, 3].map(() => {
    walker = update(walker, slopeAt(walker.place), rate, momentum) as Walker;
    return walker.place;
  });
}

// What people write instead: v = a v + b slope, and then a step along v, or along slope + momentum v.
const wrong: readonly [string, Step][] = [
  ["That is plain descent: nothing of the last step goes on.", variant(0, 1, false)],
  [
    "You average: (1 - momentum) of the slope comes in. PyTorch calls that dampening. Here the whole slope comes in.",
    variant(momentum, 1 - momentum, false),
  ],
  [
    "That looks ahead along the new velocity: it is Nesterov’s walker. This one steps along the velocity.",
    variant(momentum, 1, true),
  ],
  ["Your velocity never fades: keep only `momentum` of it.", variant(1, 1, false)],
];

function variant(kept: number, share: number, ahead: boolean): Step {
  return ({ place, velocity }, slope) => {
    const next = velocity.map((value, i) => kept * value + share * slope[i]!);
    const along = ahead ? slope.map((value, i) => value + momentum * next[i]!) : next;
    return { place: place.map((value, i) => value - rate * along[i]!), velocity: next };
  };
}

export async function check({ step }: { step?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof step !== "function") return no("Export a function called step.");
  const first = (step as Step)({ place: [2, 1], velocity: [0, 0] }, [4, 10], rate, momentum) as Partial<Walker> | null;
  for (const list of [first?.place, first?.velocity]) {
    if (!Array.isArray(list) || list.length !== 2 || !list.every((value) => Number.isFinite(value)))
      return no("step returns { place, velocity }, each a list of two numbers.");
  }

  const place = tensor([2, 1], { dtype: "float64", requiresGrad: true });
  const optimizer = new SGD([place], { lr: rate, momentum });
  const right: number[][] = [];
  for (let i = 0; i < 3; i++) {
    place.grad = tensor(slopeAt((await place.tolist()) as number[]), { dtype: "float64" });
    optimizer.step();
    right.push((await place.tolist()) as number[]);
  }
  const yours = walk(step as Step);
  const at = yours.findIndex((each, i) => !near(each, right[i]!));
  if (at === -1)
    return {
      ok: true,
      message: `Three steps from (2, 1) lead to ${text(right[2]!)}, as with new SGD(…, { momentum }).`,
    };
  const slip = wrong.find(([, update]) => walk(update).every((each, i) => near(each, yours[i]!)));
  return no(
    `From (2, 1) your step ${at + 1} leads to ${text(yours[at]!)}, SGD’s to ${text(right[at]!)}. ` +
      (slip?.[0] ?? "velocity ← momentum · velocity + slope; then the step is rate · velocity."),
  );
}
