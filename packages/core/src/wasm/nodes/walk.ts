import type { Code } from "../assembler.js";
import { advance } from "../routines/loops.js";

/** Nested loops, the last inside, and how many bytes each of some addresses moves with one turn of each. */
export interface Walk {
  readonly sizes: readonly number[];
  /** One list per address. */
  readonly strides: readonly (readonly number[])[];
}

/** Loops over dims: leaves out those of size 1, and joins neighbours through which every address steps as through one. */
export function planWalk(sizes: readonly number[], strides: readonly (readonly number[])[]): Walk {
  const joined: number[] = [];
  const moves = strides.map(() => [] as number[]);
  sizes.forEach((size, dim) => {
    if (size === 1) return;
    const last = joined.length - 1;
    if (last >= 0 && strides.every((own, k) => moves[k]![last] === own[dim]! * size)) {
      joined[last]! *= size;
      moves.forEach((own, k) => (own[last] = strides[k]![dim]!));
    } else {
      joined.push(size);
      moves.forEach((own, k) => own.push(strides[k]![dim]!));
    }
  });
  return { sizes: joined, strides: moves };
}

/**
 * Writes the loops, none of which is empty. `body` finds the addresses in `locals`, and leaves them as they are;
 * afterwards they have moved on.
 */
export function writeWalk(code: Code, { sizes, strides }: Walk, locals: readonly number[], body: () => void): void {
  const enter = (dim: number): void => {
    if (dim === sizes.length) {
      body();
      return;
    }
    const counter = code.local("i32");
    code.i32(sizes[dim]!).set(counter);
    code.loop((again) => {
      enter(dim + 1);
      locals.forEach((local, k) => {
        // The loop inside has taken a part of the way.
        const inside = dim + 1 < sizes.length ? sizes[dim + 1]! * strides[k]![dim + 1]! : 0;
        const rest = strides[k]![dim]! - inside;
        if (rest !== 0) advance(code, local, rest);
      });
      code.get(counter).i32(-1).op("i32.add").tee(counter).brIf(again);
    });
  };
  enter(0);
}

/** Takes the innermost loop off, where all addresses pass over neighbours of `size` bytes in it: its turns, and the other loops. */
export function cutRun(walk: Walk, size: number): { count: number; rest: Walk } {
  const { sizes, strides } = walk;
  if (sizes.length === 0 || strides.some((own) => own.at(-1) !== size)) return { count: 1, rest: walk };
  return {
    count: sizes.at(-1)!,
    rest: { sizes: sizes.slice(0, -1), strides: strides.map((own) => own.slice(0, -1)) },
  };
}
