import type { Door } from "./doors.js";
import { type Fault, faultOf, opening, ProgramError } from "./fault.js";
import { type Transpiled, transpile } from "./transpile.js";

export type Exports = Readonly<Record<string, unknown>>;

export interface Surroundings {
  /** What can be imported. */
  readonly doors: Readonly<Record<string, Door>>;
  /** Names that a module has without importing them: `console`, `plot`, … */
  readonly scope: Readonly<Record<string, unknown>>;
}

type Body = (...values: unknown[]) => Promise<void>;
const AsyncFunction = (async () => undefined).constructor as new (...texts: string[]) => Body;

/**
 * Runs TypeScript modules in the realm it is in, and finds the lines of what they throw, then or later. Knows no worker
 * and no page.
 */
export class Evaluator {
  readonly #surroundings: Surroundings;
  readonly #modules = new Map<string, Transpiled>();

  constructor(surroundings: Surroundings) {
    this.#surroundings = surroundings;
  }

  /**
   * Runs a module to its end, awaits at its top included, and gives its exports.
   *
   * @param name What its lines are called in errors.
   * @throws ProgramError that says where.
   */
  async run(text: string, name: string = "program.ts"): Promise<Exports> {
    try {
      const module = this.#transpile(text, name);
      const loaded = await this.#load(module.imports, text, name);
      const exports: Record<string, unknown> = {};
      const require = (specifier: string): object | undefined => loaded.get(specifier);
      const { scope } = this.#surroundings;
      const names = ["require", "exports", ...Object.keys(scope)];
      const body = new AsyncFunction(...names, `${opening}${module.code}\n}\n//# sourceURL=${name}`);
      await body(require, exports, ...Object.values(scope));
      return exports;
    } catch (error) {
      throw new ProgramError(this.fault(error));
    }
  }

  /** What an error says, and which line of the modules it comes from. */
  fault(error: unknown): Fault {
    return faultOf(error, this.#modules);
  }

  #transpile(text: string, name: string): Transpiled {
    try {
      const module = transpile(text, name);
      this.#modules.set(name, module);
      return module;
    } catch (error) {
      throw new ProgramError(faultOf(error, new Map([[name, nowhere]])));
    }
  }

  async #load(specifiers: readonly string[], text: string, module: string): Promise<Map<string, object>> {
    const { doors } = this.#surroundings;
    const load = async (specifier: string): Promise<[string, object]> => {
      const door = Object.hasOwn(doors, specifier) ? doors[specifier] : undefined;
      if (door === undefined) throw new ProgramError(unknownModule(specifier, Object.keys(doors), text, module));
      return [specifier, await door()];
    };
    return new Map(await Promise.all(specifiers.map(load)));
  }
}

const nowhere: Transpiled = { code: "", imports: [], original: () => null };

function unknownModule(specifier: string, known: readonly string[], text: string, module: string): Fault {
  const lines = text.split("\n");
  const line = lines.findIndex((each) => each.includes(`"${specifier}"`) || each.includes(`'${specifier}'`));
  return {
    name: "ImportError",
    message: `there is no module ${JSON.stringify(specifier)} here\n  hint: a program can import ${known.join(", ")}`,
    module,
    ...(line < 0 ? {} : { line: line + 1, column: lines[line]!.indexOf(specifier) }),
  };
}
