/** Numbers that look random and are the same at each run, so that a failing test fails again. */
export class Draws {
  private state: number;

  constructor(seed: number) {
    this.state = seed >>> 0;
  }

  /** A number in [low, high). */
  real(low: number, high: number): number {
    // Numerical Recipes' generator, its output mixed as in splitmix: neighbouring seeds differ at once.
    this.state = (Math.imul(this.state, 1664525) + 1013904223) >>> 0;
    let bits = Math.imul(this.state ^ (this.state >>> 16), 0x45d9f3b);
    bits = Math.imul(bits ^ (bits >>> 16), 0x45d9f3b);
    return low + ((high - low) * ((bits ^ (bits >>> 16)) >>> 0)) / 2 ** 32;
  }

  /** An integer from 0 to count - 1. */
  below(count: number): number {
    return Math.floor(this.real(0, count));
  }
}

/** A seed made of a text, such as a test's name. */
export function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}
