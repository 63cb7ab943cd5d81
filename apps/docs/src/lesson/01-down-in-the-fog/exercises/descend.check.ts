const no = (message: string): { ok: boolean; message: string } => ({ ok: false, message });

export async function check({ descend }: { descend?: unknown }): Promise<{ ok: boolean; message: string }> {
  if (typeof descend !== "function") return no("Export a function called descend.");
  const end: unknown = await (descend as () => unknown)();
  if (!Array.isArray(end) || end.length !== 2) return no("descend returns the place where it ends: [x, y].");
  const [x, y] = end as [number, number];
  const away = Math.hypot(x - 3, y);
  if (away < 0.01) return { ok: true, message: "The gradient points uphill, so the step goes against it." };
  const where = `It ends at (${x.toPrecision(3)}, ${y.toPrecision(3)})`;
  if (!(away < 100)) return no(`${where}, far up the slope. Which way does a gradient point?`);
  return no(
    `${where}, ${away.toPrecision(2)} away from the lowest point. Does every step go down, and are there enough?`,
  );
}
