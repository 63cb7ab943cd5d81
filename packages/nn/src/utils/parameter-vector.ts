import { cat, noGrad, ShapeError, type Tensor } from "@downhill/core";
import { checkTensor, text } from "@downhill/core/engine";

/**
 * Joins all parameters, flattened, into one vector. Same as torch.nn.utils.parameters_to_vector.
 *
 * @example
 * utils.parametersToVector(new Linear(10, 2).parameters()).shape; // [22]
 */
export function parametersToVector(parameters: Iterable<Tensor>): Tensor {
  return cat(Array.from(parameters, (parameter) => parameter.flatten()));
}

/**
 * Gives parameters the values of a vector, in their order; undoes `parametersToVector`. Same as
 * torch.nn.utils.vector_to_parameters.
 *
 * @throws ShapeError for a vector of another length than the parameters have elements.
 *
 * @example
 * const layer = new Linear(2, 1);
 * utils.vectorToParameters(tensor([1, 2, 3]), layer.parameters());
 * layer.weight.detach(); // tensor([[1., 2.]])
 */
export function vectorToParameters(vector: Tensor, parameters: Iterable<Tensor>): void {
  checkTensor("vectorToParameters", vector);
  const list = [...parameters];
  const total = list.reduce((sum, parameter) => sum + parameter.numel(), 0);
  if (vector.ndim !== 1 || vector.shape[0] !== total)
    throw new ShapeError(
      `vectorToParameters: the parameters have ${total} elements, got a vector of shape ${text(vector.shape)}`,
    );
  noGrad(() => {
    let start = 0;
    for (const parameter of list) {
      parameter.copy_(vector.narrow(0, start, parameter.numel()).reshape(parameter.shape));
      start += parameter.numel();
    }
  });
}
