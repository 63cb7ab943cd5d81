import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { WordTable } from "../src/program/word-table.js";

/** A table, and a copy of it that is kept up by what each update says has changed, as the GPU's is. */
class Pair {
  readonly table: WordTable;
  private readonly copy: Uint32Array;

  constructor(count: number) {
    this.table = new WordTable(new Uint32Array(count), count);
    this.copy = new Uint32Array(count);
  }

  /** How many words are sent; all of the table where it is arranged anew. */
  update(...words: number[]): number {
    const { table, copy } = this;
    table.update(Uint32Array.from(words));
    const { first, end, values } = table;
    for (let place = first; place < end; place++) copy[place] = values[place]!;
    return Math.max(0, end - first);
  }

  get read(): number[] {
    return Array.from(this.table.places, (place) => this.copy[place]!);
  }
}

describe("a table of words", () => {
  it("gives each word what it was last", () => {
    const small = fc.nat({ max: 3 });
    const updates = fc
      .nat({ max: 6 })
      .chain((count) => fc.array(fc.array(small, { minLength: count, maxLength: count })));
    fc.assert(
      fc.property(updates, (runs) => {
        const pair = new Pair(runs[0]?.length ?? 0);
        for (const words of runs) {
          pair.update(...words);
          expect(pair.read).toEqual(words);
        }
      }),
    );
  });

  it("sends nothing where nothing has changed", () => {
    const pair = new Pair(3);
    expect(pair.update(5, 6, 7)).toBe(3);
    expect(pair.update(5, 6, 7)).toBe(0);
  });

  it("sends those that move in one stretch, wherever they stand among the others", () => {
    const pair = new Pair(6);
    for (const i of [0, 1]) pair.update(i, 100, 200 + i, 300, 400, 500 + i);
    for (const i of [2, 3, 4]) expect(pair.update(i, 100, 200 + i, 300, 400, 500 + i)).toBe(3);
  });

  it("sends words once that have always been equal, until they part", () => {
    const pair = new Pair(4);
    for (const i of [0, 1]) pair.update(9, i, i, i);
    expect(pair.update(9, 2, 2, 2)).toBe(1);
    expect(pair.update(9, 3, 3, 4)).toBe(3); // arranged anew
    expect(pair.update(9, 4, 4, 5)).toBe(2);
    expect(pair.read).toEqual([9, 4, 4, 5]);
  });

  it("is tidied up where a word that moved at first moves no more", () => {
    const pair = new Pair(5);
    for (let i = 0; i < 3; i++) pair.update(i, i + 10, i + 20, i + 30, i + 40);
    const sent = Array.from({ length: 20 }, (_, i) => pair.update(i + 50, 12, 22, 32, i + 90));
    expect(sent[0]).toBe(5);
    expect(sent.at(-1)).toBe(2);
  });
});
