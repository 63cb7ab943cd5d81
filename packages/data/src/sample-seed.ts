/**
 * Mixes two integers into 32 bits of which each depends on all of theirs: what a sample draws from, by the pass's seed and
 * its index. The finaliser of MurmurHash3 (Appleby 2011), twice.
 */
export function sampleSeed(seed: number, index: number): number {
  return finish(finish(seed ^ 0x9e3779b9) + index);
}

function finish(value: number): number {
  let x = value | 0;
  x = Math.imul(x ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}
