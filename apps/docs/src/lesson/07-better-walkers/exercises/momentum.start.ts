export interface Walker {
  place: number[];
  /** What is left of the steps so far. At the start: zeros. */
  velocity: number[];
}

/** One step of SGD with momentum: the slope is the gradient at the walker's place. */
export function step({ place, velocity }: Walker, slope: number[], rate: number, momentum: number): Walker {
  return {
    place: place.map((value, i) => value - rate * slope[i]!),
    velocity,
  };
}
