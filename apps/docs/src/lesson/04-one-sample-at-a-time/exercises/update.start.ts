/** One update from one sample: the weight and the bias after it. The sample's loss is (y - (w x + b))². */
export function update(w: number, b: number, x: number, y: number, rate: number): [number, number] {
  w -= rate * -2 * x * (y - (w * x + b));
  b -= rate * -2 * (y - (w * x + b));
  return [w, b];
}
