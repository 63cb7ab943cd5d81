/** An update's settings, and the numbers of its state, standing in for the real ones: they notice who reads them. */
export class WatchedSettings {
  /** What goes into the numbers that `formulaOf` was asked for, by name: "lr", "betas[0]", "step". */
  readonly given: Map<string, number> = new Map();
  #read: Map<string, number> | null = null;
  #probe: number | null = null;

  /** A copy of a group or a state whose numbers are watched. `onSet` hears of what is set. */
  watch<T extends object>(of: T, onSet?: (name: string, value: unknown) => void, path?: string): T {
    const copy = (Array.isArray(of) ? [...(of as unknown[])] : { ...of }) as T;
    return new Proxy(copy, {
      get: (target, key) => {
        const value: unknown = Reflect.get(target, key);
        if (typeof key !== "string") return value;
        if (Array.isArray(value)) return this.watch(value as unknown[], undefined, key);
        if (typeof value !== "number" || key === "length") return value;
        const name = path === undefined ? key : `${path}[${key}]`;
        if (this.#probe !== null) return this.#probe;
        this.#read?.set(name, value);
        return value;
      },
      set: (target, key, value) => {
        onSet?.(String(key), value);
        return Reflect.set(target, key, value);
      },
    });
  }

  /**
   * The formula of a number that an update computes from what is watched: its name, or one less it; else the text of the
   * function that computes it, or, where a bundler has left nothing that could be read, which of them go into it. Null
   * for a number that depends on none.
   */
  formulaOf(source: () => number): string | null {
    const read = (this.#read = new Map<string, number>());
    source();
    this.#read = null;
    for (const [name, value] of read) this.given.set(name, value);
    const [name, ...others] = read.keys();
    if (name === undefined) return null;
    if (others.length === 0) {
      // Asked with other values, a function tells what it is, whatever it is called through.
      const probes = [0.3125, 0.6875].map((x) => [x, this.#probed(source, x)] as const);
      if (probes.every(([x, y]) => y === x)) return name;
      if (probes.every(([x, y]) => y === 1 - x)) return `1 - ${name}`;
    }
    return readFormula(source, read) ?? `f(${[...read.keys()].join(", ")})`;
  }

  #probed(source: () => number, value: number): number {
    this.#probe = value;
    try {
      return source();
    } finally {
      this.#probe = null;
    }
  }
}

const tokens =
  /\s*(?:([A-Za-z_$][\w$]*(?:\.[A-Za-z_$][\w$]*|\[\d+\])*)|(\d*\.?\d+(?:e[+-]?\d+)?)|(\*\*|[-+*/()]))\s*/gy;
const signs: Readonly<Record<string, string>> = { "**": " ^ ", "*": " · ", "/": " / ", "+": " + ", "-": " - " };

/** An arrow function's expression over these names, as a formula; null if it is made of anything else. */
function readFormula(source: () => number, names: ReadonlyMap<string, number>): string | null {
  const [, expression] = /^\(\)\s*=>\s*([^{][^]*)$/.exec(String(source)) ?? [];
  if (expression === undefined) return null;
  let formula = "";
  tokens.lastIndex = 0;
  while (tokens.lastIndex < expression.length) {
    const [, path, number, sign] = tokens.exec(expression) ?? [];
    if (path === "Math.sqrt") formula += "√";
    else if (path !== undefined) {
      const name = path.replace(/^[\w$]+\./, ""); // of the group or the state, whatever that is called
      if (!names.has(name)) return null;
      formula += name;
    } else if (number !== undefined) formula += String(Number(number));
    else if (sign !== undefined) formula += signs[sign] ?? sign;
    else return null;
  }
  return formula;
}
