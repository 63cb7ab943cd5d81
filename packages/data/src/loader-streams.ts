import { defaultGenerator, Generator } from "@downhill/core";

/** The random streams that a loader's order follows from: the default generator, and those of its own and its samplers'. */
export class LoaderStreams {
  readonly #own: readonly Generator[];
  readonly #all: readonly Generator[];
  /** Where each stood when the last pass began. */
  #starts: readonly Generator[] | undefined;

  /** @param owners What may be a generator, or have one, or have a sampler that has one. */
  constructor(owners: readonly unknown[]) {
    const found = new Set<Generator>();
    const seen = new Set<unknown>();
    const visit = (owner: unknown): void => {
      if (typeof owner !== "object" || owner === null || seen.has(owner)) return;
      seen.add(owner);
      if (owner instanceof Generator) found.add(owner);
      else {
        const { generator, sampler } = owner as { generator?: unknown; sampler?: unknown };
        visit(generator);
        visit(sampler);
      }
    };
    owners.forEach(visit);
    found.delete(defaultGenerator); // its state belongs to the whole program
    this.#own = [...found];
    this.#all = [defaultGenerator, ...this.#own];
  }

  /** How many there are besides the default generator. */
  get count(): number {
    return this.#own.length;
  }

  /** Remembers where the streams stand, or that they stood where these states say. */
  noteStarts(states: readonly Uint8Array[] | undefined): void {
    const starts = (this.#starts ??= this.#all.map(() => new Generator(0)));
    starts.forEach((start, i) => (states === undefined ? start.copy(this.#all[i]!) : start.setState(states[i]!)));
  }

  /** Takes the streams to where they stood when the last pass began; gives what takes them back. */
  goToStarts(): () => void {
    const now = this.#all.map((stream) => new Generator(0).copy(stream));
    this.#all.forEach((stream, i) => stream.copy(this.#starts![i]!));
    return () => this.#all.forEach((stream, i) => stream.copy(now[i]!));
  }

  /** The states of the streams when the last pass began, the default generator's first. */
  starts(): Uint8Array[] {
    return (this.#starts ?? []).map((start) => start.getState());
  }

  /** The states now, without the default generator's. */
  states(): Uint8Array[] {
    return this.#own.map((stream) => stream.getState());
  }

  setStates(states: readonly Uint8Array[]): void {
    this.#own.forEach((stream, i) => stream.setState(states[i]!));
  }
}
