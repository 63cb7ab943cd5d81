import { eye, noGrad, ShapeError, type Tensor, tensor } from "@downhill/core";
import { checkCount, checkFloat, text, ValueError } from "@downhill/core/engine";
import { needNumber } from "../option-checks.js";
import { fillWith } from "./fill.js";

/** Fills a tensor with a number, and returns it. Same as torch.nn.init.constant_. */
export function constant_(x: Tensor, value: number): Tensor {
  checkFloat("constant_", x);
  return noGrad(() => x.fill_(needNumber("constant_", "value", value)));
}

/** Fills a tensor with 1, and returns it. Same as torch.nn.init.ones_. */
export const ones_ = (x: Tensor): Tensor => constant_(x, 1);

/** Fills a tensor with 0, and returns it. Same as torch.nn.init.zeros_. */
export const zeros_ = (x: Tensor): Tensor => constant_(x, 0);

/** Makes a matrix the identity, as far as it is square, and returns it. Same as torch.nn.init.eye_. */
export function eye_(x: Tensor): Tensor {
  checkFloat("eye_", x);
  if (x.ndim !== 2) throw new ShapeError(`eye_: needs 2 dims, got shape ${text(x.shape)}`);
  return fillWith(x, eye(x.shape[0]!, x.shape[1], { dtype: x.dtype, device: x.device }));
}

/**
 * Makes a convolution's weight [out, in / groups, …kernel] pass its input on, channel by channel, and returns it. Same as
 * torch.nn.init.dirac_.
 *
 * @throws ShapeError for a weight that has not 3 to 5 dims; ValueError for groups that do not divide the outputs.
 *
 * @example
 * init.dirac_(zeros([1, 1, 3])); // tensor([[[0., 1., 0.]]])
 */
export function dirac_(x: Tensor, groups: number = 1): Tensor {
  checkFloat("dirac_", x);
  checkCount("dirac_", "groups", groups);
  if (x.ndim < 3 || x.ndim > 5) throw new ShapeError(`dirac_: needs 3 to 5 dims, got shape ${text(x.shape)}`);
  const [outputs, inputs, ...kernel] = x.shape as readonly [number, number, ...number[]];
  if (groups === 0 || outputs % groups !== 0)
    throw new ValueError(`dirac_: ${outputs} outputs are not divisible by ${groups} groups`);
  const field = kernel.reduce((product, size) => product * size, 1);
  const middle = kernel.reduce((place, size) => place * size + Math.floor(size / 2), 0);
  const own = outputs / groups;
  const data = new Array<number>(x.numel()).fill(0);
  for (let output = 0; output < outputs; output++) {
    const input = output % own;
    if (input < inputs && field > 0) data[(output * inputs + input) * field + middle] = 1;
  }
  return fillWith(x, tensor(data, { dtype: x.dtype, device: x.device }).reshape(x.shape));
}
