const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });

export function check({ batches }: { batches?: unknown }): { ok: boolean; message: string } {
  if (typeof batches !== "function") return no("Export a function called batches.");
  for (const [length, size] of [
    [6, 3],
    [7, 3],
    [2, 5],
    [9, 1],
    [0, 4],
  ] as const) {
    // prettier-ignore
    const order = Array.from({ length }, (_, i) => (i * 5 + 3) % 11);
    const given: unknown = (batches as (order: readonly number[], size: number) => unknown)(order, size);
    if (typeof given !== "object" || given === null || !(Symbol.iterator in given))
      return no("batches is a generator: function* batches(order, size) { … yield … }.");
    const all: (readonly number[])[] = [];
    for (const batch of given as Iterable<unknown>) {
      if (!Array.isArray(batch)) return no("Each batch is an array of sample numbers.");
      all.push(batch as number[]);
      if (all.length > length + 1) break;
    }
    const sizes = `${length} samples in batches of ${size} come as ${all.length === 0 ? "no batch" : all.map((batch) => batch.length).join(" + ")}`;
    const seen = all.flat();
    if (seen.length < length) return no(`${sizes}: ${length - seen.length} never took part.`);
    if (seen.includes(undefined as never)) return no(`${sizes}: there are holes in the last batch.`);
    if (seen.length > length) return no(`${sizes}: some came twice.`);
    if (all.some((batch) => batch.length === 0))
      return no(`${sizes}: one is empty, and its average loss would be NaN.`);
    if (seen.join() !== order.join()) return no(`Keep the order: of ${order.join(", ")} you make ${seen.join(", ")}.`);
    if (all.slice(0, -1).some((batch) => batch.length !== size)) return no(`${sizes}: only the last may be shorter.`);
  }
  return { ok: true, message: "Nobody is lost, nobody comes twice, and the last batch is as short as it has to be." };
}
