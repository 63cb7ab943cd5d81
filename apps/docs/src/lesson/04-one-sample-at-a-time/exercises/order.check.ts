import { Tensor } from "@downhill/core";

const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
const n = 40;

export async function check({ order }: { order?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof order !== "function") return no("Export a function called order.");
  const epochs: number[][] = [];
  for (const epoch of [1, 2, 3]) {
    let given: unknown = await (order as (epoch: number, n: number) => unknown)(epoch, n);
    if (given instanceof Tensor) given = await given.tolist();
    if (!Array.isArray(given) || !given.every((value) => Number.isInteger(value)))
      return no("order returns a list of whole numbers.");
    const indices = given as number[];
    const times = Array.from({ length: n }, (_, i) => indices.filter((index) => index === i).length);
    const missing = times.indexOf(0);
    const doubled = times.findIndex((count) => count > 1);
    if (missing !== -1)
      return no(`In epoch ${epoch} sample ${missing} has no turn${doubled === -1 ? "" : `, and sample ${doubled} has ${times[doubled]}`}. An epoch takes each once: draw an order, not samples.`); // prettier-ignore
    if (indices.length !== n) return no(`An epoch of ${n} samples has ${n} turns, and yours has ${indices.length}.`);
    const rising = indices.slice(1).filter((index, i) => index > indices[i]!).length / (n - 1);
    if (rising > 0.85 || rising < 0.15)
      return no(`Epoch ${epoch} still goes through the file from one end to the other. core has randperm for a random order.`); // prettier-ignore
    epochs.push(indices);
  }
  const [first, second, third] = epochs.map((indices) => indices.join());
  if (first === second || second === third || first === third)
    return no("Shuffled, but in the same order every epoch: each late sample stays late. Shuffle anew for each.");
  return {
    ok: true,
    message: "Each sample once in an epoch, and nobody is always last. A DataLoader's shuffle does this.",
  };
}
