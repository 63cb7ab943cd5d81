import { scalar, type Tensor } from "../tensor.js";
import { flipped, joined, slice, toExpanded, unslice } from "./view.js";

// What gradients of products need. Nothing is divided by an element, so zeros are no special case, in any order.

/** For each element along `dim` the product of those before it; 1 for the first. */
export function productsBefore(x: Tensor, dim: number): Tensor {
  const size = x.shape[dim]!;
  if (size === 0) return x;
  const one = toExpanded(scalar(1, x.dtype, x.device), x.shape.with(dim, 1));
  return joined([one, slice(x, dim, 0, size - 1)], dim).cumprod(dim);
}

/** For each element along `dim` the product of all the others. */
export function productsOfOthers(x: Tensor, dim: number): Tensor {
  return productsBefore(x, dim).mul(flipped(productsBefore(flipped(x, [dim]), dim), [dim]));
}

/**
 * The sums sᵢ = gᵢ + xᵢ₊₁ gᵢ₊₁ + xᵢ₊₁ xᵢ₊₂ gᵢ₊₂ + … along `dim`, that is sᵢ = gᵢ + xᵢ₊₁ sᵢ₊₁. By doubling: with the
 * sum over the next k terms and the product of the next k elements, those over 2k are s + a · s[+k] and a · a[+k].
 */
export function runningShares(grad: Tensor, x: Tensor, dim: number): Tensor {
  const size = x.shape[dim]!;
  let sums = grad;
  if (size < 2) return sums;
  let products = ahead(x, dim, 1);
  for (let k = 1; ; k *= 2) {
    sums = sums.add(products.mul(ahead(sums, dim, k)));
    if (2 * k >= size) return sums;
    products = products.mul(ahead(products, dim, k));
  }
}

/** The element `by` places further along `dim`, 0 past the end. */
function ahead(x: Tensor, dim: number, by: number): Tensor {
  const size = x.shape[dim]!;
  return unslice(slice(x, dim, by, size - by), dim, scalar(0, "int32", x.device), size);
}
