import { grad, tensor } from "@downhill/core";

/** Walks 100 steps on the ground (x - 3)² + y², and says where it ends. It should be near (3, 0). */
export async function descend(): Promise<number[]> {
  const rate = 0.1;
  let place = tensor([0, 2], { requiresGrad: true });
  for (let step = 0; step < 100; step++) {
    const height = place.at(0).sub(3).square().add(place.at(1).square());
    const [slope] = grad(height, [place]);
    place = place.detach().add(slope!.mul(rate)).requiresGrad_();
  }
  return (await place.tolist()) as number[];
}
