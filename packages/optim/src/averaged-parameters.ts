import { Tensor, ValueError } from "@downhill/core";
import {
  assign,
  checkOptions,
  enter,
  everyRun,
  guard,
  isFloat,
  leave,
  ownTensor,
  sameShape,
  scalar,
  show,
  text,
  transaction,
  withGrad,
} from "@downhill/core/engine";

/** The next average from the last, the present value, and how many values are in the average, a 0-d tensor. */
export type AverageFn = (average: Tensor, value: Tensor, nAveraged: Tensor) => Tensor;

/** The mean of all values: a + (w - a) / (n + 1). Same as torch.optim.swa_utils.get_swa_avg_fn. */
export function getSwaAvgFn(): AverageFn {
  return (average, value, nAveraged) => average.add(value.sub(average).div(nAveraged.add(1)));
}

/**
 * An exponential moving average: decay · a + (1 - decay) · w. Same as torch.optim.swa_utils.get_ema_avg_fn.
 *
 * @param decay In [0, 1].
 */
export function getEmaAvgFn(decay: number = 0.999): AverageFn {
  if (typeof decay !== "number" || !(decay >= 0 && decay <= 1))
    throw new ValueError(`getEmaAvgFn: decay must be in [0, 1], got ${show(decay)}`);
  return (average, value) => average.mul(decay).add(value.mul(1 - decay));
}

/** The options of `AveragedParameters`. */
export interface AveragedParametersOptions {
  /** Tensors of the same shapes that take the averages, those of a copy of the model. Default: new ones. */
  readonly into?: Iterable<Tensor>;
  /** How values are averaged. Default `getSwaAvgFn()`. */
  readonly avgFn?: AverageFn;
}

/** The averages, by the tensors' places, and how many values are in them. */
export interface AveragedParametersStateDict {
  readonly nAveraged: number;
  readonly averages: readonly Tensor[];
}

/**
 * Averages of tensors over training, of a model's parameters and perhaps its buffers: often better than the last values.
 * What torch.optim.swa_utils.AveragedModel does, over tensors rather than a module. All averages are updated in one
 * Program; tensors of ints and bools are copied. After Izmailov et al., https://arxiv.org/abs/1803.05407.
 *
 * @example
 * const w = tensor([1], { requiresGrad: true });
 * const average = new AveragedParameters([w], { avgFn: getEmaAvgFn(0.5) });
 * average.updateParameters();
 * noGrad(() => w.mul_(3));
 * average.updateParameters();
 * average.averages[0]; // tensor([2.])
 * average.swap(); // computes with the average now: evaluate, or save the model
 * w; // tensor([2.], requiresGrad=true)
 * average.swap(); // and goes on where it was
 */
export class AveragedParameters {
  readonly params: readonly Tensor[];
  /** The averages, in the order of the tensors. */
  readonly averages: readonly Tensor[];
  /** How many values are in the averages. */
  nAveraged = 0;
  readonly #avgFn: AverageFn;

  constructor(params: Iterable<Tensor>, options: AveragedParametersOptions = {}) {
    checkOptions("AveragedParameters", options, ["into", "avgFn"]);
    this.params = listOf("params", params);
    const { into, avgFn = getSwaAvgFn() } = options;
    if (typeof avgFn !== "function")
      throw new ValueError(`AveragedParameters: avgFn must be a function, got ${show(avgFn)}`);
    this.#avgFn = avgFn;
    this.averages = into === undefined ? this.params.map((param) => ownTensor(param.detach())) : listOf("into", into);
    if (into !== undefined) this.#checkLike("AveragedParameters: into", this.averages);
  }

  #checkLike(where: string, list: readonly Tensor[]): void {
    const { params } = this;
    if (list.length !== params.length)
      throw new ValueError(`${where} holds ${list.length} tensors for ${params.length}`);
    list.forEach((each, i) => {
      if (!sameShape(each.shape, params[i]!.shape))
        throw new ValueError(
          `${where} has shape ${text(each.shape)} at place ${i}, the tensor ${text(params[i]!.shape)}`,
        );
    });
  }

  /** Takes the present values into the averages; the first ones are copied. Same as update_parameters. */
  updateParameters(): void {
    const isFirst = guard(() => this.nAveraged === 0);
    this.#update(() => {
      this.params.forEach((param, i) => {
        const average = this.averages[i]!;
        const value = param.detach().to(average.device).to(average.dtype);
        const copies = isFirst || !isFloat(average.dtype);
        const count = scalar(() => this.nAveraged, average.dtype, average.device);
        assign(average, copies ? value.clone() : this.#avgFn(average.detach(), value, count));
      });
    });
    everyRun(
      () => this.nAveraged++,
      () => this.nAveraged--,
    );
  }

  /** Exchanges the values of the tensors and the averages. */
  swap(): void {
    this.#update(() => {
      this.params.forEach((param, i) => {
        const average = this.averages[i]!;
        const [value, other] = [param.detach().clone(), average.detach().clone()];
        assign(param, other.to(param.device).to(param.dtype).clone());
        assign(average, value.to(average.device).to(average.dtype).clone());
      });
    });
  }

  #update(fn: () => void): void {
    const outer = enter();
    try {
      transaction(() => {
        withGrad(false, fn);
      });
    } finally {
      leave(outer);
    }
  }

  /** The averages' values at this moment, and how many are in them. */
  stateDict(): AveragedParametersStateDict {
    return { nAveraged: this.nAveraged, averages: this.averages.map((average) => average.detach()) };
  }

  /**
   * Takes over what `stateDict` of averages of the same tensors returned.
   *
   * @throws ValueError for a dict of others; nothing has changed then.
   */
  loadStateDict(dict: AveragedParametersStateDict): void {
    const where = "AveragedParameters.loadStateDict";
    const { nAveraged, averages } = Object(dict) as Partial<AveragedParametersStateDict>;
    if (!Number.isInteger(nAveraged) || !(nAveraged! >= 0) || !Array.isArray(averages))
      throw new ValueError(`${where}: expects what stateDict() returns, got ${show(dict)}`);
    const values = listOf("averages", averages as Tensor[]);
    this.#checkLike(`${where}: averages`, values);
    this.#update(() => {
      this.averages.forEach((average, i) => {
        assign(average, values[i]!.detach().to(average.device).to(average.dtype).clone());
      });
    });
    this.nAveraged = nAveraged!;
  }
}

function listOf(name: string, tensors: Iterable<Tensor>): Tensor[] {
  const given: unknown = tensors;
  const isList = given !== null && typeof given === "object" && !(given instanceof Tensor) && Symbol.iterator in given;
  const list: unknown[] = isList ? [...(given as Iterable<unknown>)] : [];
  if (list.length > 0 && list.every((each) => each instanceof Tensor)) return list;
  throw new ValueError(
    `AveragedParameters: ${name} must be an iterable of tensors, got ${show(given)}`,
    "pass model.parameters()",
  );
}
