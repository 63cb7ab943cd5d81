import { defaultDevice, type Device, type DType, Tensor } from "@downhill/core";
import { broadcast, scalar, show, ValueError } from "@downhill/core/engine";
import { type Kept, measured, Metric } from "./metric.js";

/** What sums are kept in: the longest float of the device, so that the ten thousandth batch counts as the first did. */
export const sumDType = (device: Device): DType => (device.backend.dtypes.has("float64") ? "float64" : "float32");

function numbersOf(name: string, what: string, value: unknown, device: Device): Tensor {
  if (value instanceof Tensor) return value.to(sumDType(value.device));
  if (typeof value === "number") return scalar(value, sumDType(device), device);
  throw new ValueError(`${name}: ${what} must be a tensor or a number, got ${show(value)}`);
}

function measure(name: string, value: Tensor | number, weight: Tensor | number): Kept {
  const device = [value, weight].find((x) => x instanceof Tensor)?.device ?? defaultDevice();
  const values = numbersOf(name, "the value", value, device);
  const weights = numbersOf(name, "the weight", weight, device);
  const shape = broadcast(name, values.shape, weights.shape);
  return { sum: values.mul(weights).sum(), weight: weights.expand(shape).sum() };
}

const result = ({ sum, weight }: Kept): Tensor => sum!.div(weight!).to("float32");

type MeanFunction = (value: Tensor | number, weight?: Tensor | number) => Tensor;

/**
 * Averages all elements, Σ value · weight / Σ weight, as a float32 tensor. As torcheval.metrics.functional.mean.
 *
 * @param weight A number, or a tensor that broadcasts. Default 1.
 * @throws ShapeError for a weight that does not broadcast.
 *
 * @example
 * meanMetric(tensor([1, 2, 6])); // tensor(3.)
 * meanMetric(tensor([1, 5]), tensor([3, 1])); // tensor(2.)
 */
export const meanMetric: MeanFunction = /* @__PURE__ */ measured(
  (value: Tensor | number, weight: Tensor | number = 1) => result(measure("meanMetric", value, weight)),
);

/**
 * The weighted mean of values that come in batches, such as an epoch's loss: give each batch's mean its size as a weight.
 * Sums are float64 where the device has it. As torchmetrics.MeanMetric and torcheval.metrics.Mean.
 *
 * @example
 * const losses = new MeanMetric();
 * for await (const [x, y] of loader) losses.update(criterion.forward(model.forward(x), y), x.shape[0]);
 * const loss = losses.compute(); // await loss.item()
 */
export class MeanMetric extends Metric<[value: Tensor | number, weight?: Tensor | number], Tensor> {
  protected readonly names: readonly string[] = ["sum", "weight"];

  protected override measure(value: Tensor | number, weight: Tensor | number = 1): Kept {
    return measure("MeanMetric", value, weight);
  }

  protected override result(kept: Kept): Tensor {
    return result(kept);
  }
}
