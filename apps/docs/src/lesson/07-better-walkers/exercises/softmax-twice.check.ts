const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });
// Softmax gives 1 to one class and 0 to two at best; taken of that once more, the right class has e / (e + 2).
const floor = Math.log(1 + 2 / Math.E);

export async function check({ train }: { train?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof train !== "function") return no("Export a function called train.");
  const loss: unknown = await (train as () => unknown)();
  if (typeof loss !== "number" || Number.isNaN(loss)) return no("train returns the last loss, a number.");
  const shown = `The last loss is ${Number(loss.toPrecision(3))}`;
  if (loss < 0.1 && loss >= 0) return { ok: true, message: `${shown}. CrossEntropyLoss takes the softmax itself.` };
  if (loss > floor - 1e-3)
    return no(
      `${shown}, and no optimizer gets it below ${floor.toFixed(4)} = log(1 + 2 / e). What does CrossEntropyLoss do to what it is given, and what has the model done already?`,
    );
  return no(`${shown}. It should get below 0.1.`);
}
