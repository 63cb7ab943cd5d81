import { broadcast, checkShape, type Shape } from "../shape.js";

/**
 * Finds the shape in which shapes meet by broadcasting. Same as torch.broadcast_shapes.
 *
 * @throws ShapeError where two sizes differ and neither is 1.
 *
 * @example
 * broadcastShapes([3, 1], [4]); // [3, 4]
 */
export function broadcastShapes(...shapes: readonly Shape[]): Shape {
  return shapes.reduce((met, shape) => broadcast("broadcastShapes", met, checkShape("broadcastShapes", shape)), []);
}
