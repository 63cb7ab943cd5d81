import { originalPositionFor, TraceMap } from "@jridgewell/trace-mapping";
import { type SourceMapOptions, transform } from "sucrase";

/** A place in what the user wrote, both counted from 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** A module as the body of an async function that takes `require` and `exports`. */
export interface Transpiled {
  readonly code: string;
  /** The modules it imports, statically or not. */
  readonly imports: readonly string[];
  /** Where a place in `code` stood in the user's text; null if nothing of it did. */
  original(place: Place): Place | null;
}

const sourceMapOptions: SourceMapOptions = { compiledFilename: "compiled.js" };

/**
 * Takes the types out of a module and turns its imports into `require`. Lines stay where they are, so only columns move.
 *
 * @throws SyntaxError whose `loc` says where.
 */
export function transpile(text: string, name: string): Transpiled {
  const { code, sourceMap } = transform(text, {
    transforms: ["typescript", "imports"],
    disableESTransforms: true,
    enableLegacyTypeScriptModuleInterop: true, // the doors are namespaces as they are
    production: true,
    filePath: name,
    sourceMapOptions,
  });
  const map = new TraceMap(sourceMap as ConstructorParameters<typeof TraceMap>[0]);
  return {
    code,
    imports: [...new Set([...code.matchAll(/\brequire\((['"])(.*?)\1\)/g)].map(([, , specifier]) => specifier!))],
    original({ line, column }) {
      const found = originalPositionFor(map, { line, column: column - 1 });
      return found.line === null ? null : { line: found.line, column: found.column + 1 };
    },
  };
}
