/** murmur3's finaliser of a counter: numbers that every contestant can make for itself (peers/torch/inputs.py). */
function hash(seed: number, i: number): number {
  let h = (i + Math.imul(seed, 0x9e3779b9)) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/** `count` values spread evenly over [-scale, scale). */
export function values(seed: number, count: number, scale: number = 1): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  for (let i = 0; i < count; i++) out[i] = scale * ((hash(seed, i) >>> 8) / 2 ** 23 - 1);
  return out;
}

/** `count` class indices below `classes`. */
export function labels(seed: number, count: number, classes: number): Int32Array<ArrayBuffer> {
  const out = new Int32Array(count);
  for (let i = 0; i < count; i++) out[i] = hash(seed, i) % classes;
  return out;
}
