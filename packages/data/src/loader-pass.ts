import type { SampleSource } from "./iterable-dataset.js";

/** A pass through the data: what is left of it, the seed of what it draws, and which batches it has given. */
export class LoaderPass {
  readonly items: SampleSource<unknown>;
  readonly seed: number;
  /** How many batches it has given, from the first on without a gap. */
  position: number;
  /** States of the generators when the items of those were drawn, the first one at least; null where none is drawn ahead. */
  generators: readonly Uint8Array[] | null;
  /** Batches beyond those that it has given too, with the same of each. */
  readonly #early: Map<number, readonly Uint8Array[] | null>;

  constructor(
    items: SampleSource<unknown>,
    seed: number,
    position: number,
    early: readonly number[],
    generators: readonly Uint8Array[] | null,
  ) {
    this.items = items;
    this.seed = seed;
    this.position = position;
    this.generators = generators;
    this.#early = new Map(early.map((number) => [number, generators]));
  }

  /** Numbers of the batches beyond `position` that it has given. */
  get early(): number[] {
    return [...this.#early.keys()].sort((a, b) => a - b);
  }

  /** Batch `number` is given. */
  give(number: number, generators: readonly Uint8Array[] | null = null): void {
    this.#early.set(number, generators);
    for (let next = this.#early.get(this.position); next !== undefined; next = this.#early.get(this.position)) {
      this.#early.delete(this.position++);
      this.generators = next;
    }
  }
}
