import type { Shown } from "../runtime/shown.js";

// `Loss: 0.4321`, `test accuracy = 98.2`; not `[1/5]`, nor a time such as 12:30.
const named = /(?:^|[\s,;|(])([A-Za-z][A-Za-z _-]{0,30}?)\s*[:=]\s*(-?\d+(?:\.\d+)?(?:e[+-]?\d+)?)(?![\d.:/]*[:/])/gi;

/** The numbers with a name in a line of the console: what becomes a curve when lines like it come again. */
export function numbersIn(values: readonly Shown[]): [name: string, value: number][] {
  return values.flatMap(({ kind, text, parts }): [string, number][] => {
    if (kind === "text") return [...text.matchAll(named)].map(([, name, value]) => [nameOf(name!), Number(value)]);
    if (kind !== "object" || parts === undefined || text.startsWith("[")) return [];
    return parts.flatMap(([name, part]): [string, number][] =>
      part.kind === "number" && Number.isFinite(Number(part.text)) ? [[nameOf(name), Number(part.text)]] : [],
    );
  });
}

const nameOf = (text: string): string => text.trim().toLowerCase();
