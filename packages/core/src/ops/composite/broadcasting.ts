import { ShapeError, show } from "../../errors.js";
import { broadcast, type Shape } from "../../shape.js";
import { composite, type Tensor } from "../../tensor.js";
import { checkTensor, checkTensors } from "../define.js";
import { toExpanded } from "../view.js";

/**
 * Shows a tensor in a larger shape, without copying; see `expand`. Gradient: grad, summed over the dims that it was shown
 * along. Same as torch.broadcast_to.
 */
export function broadcastTo(x: Tensor, shape: Shape): Tensor {
  checkTensor("broadcastTo", x);
  if (!Array.isArray(shape)) throw new ShapeError(`broadcastTo: takes a shape, got ${show(shape)}`, "write [2, 3]");
  return x.expand(shape);
}

/**
 * Shows tensors in the shape in which they meet, without copying. Gradients: grad, summed over the dims that each was
 * shown along. Same as torch.broadcast_tensors.
 *
 * @example
 * const [a, b] = broadcastTensors([zeros([3, 1]), zeros([4])]); // both [3, 4]
 */
export const broadcastTensors: (tensors: readonly Tensor[]) => Tensor[] = composite((tensors: readonly Tensor[]) => {
  checkTensors("broadcastTensors", tensors);
  const shape = tensors.reduce<Shape>((met, x) => broadcast("broadcastTensors", met, x.shape), []);
  return tensors.map((x) => toExpanded(x, shape));
});
