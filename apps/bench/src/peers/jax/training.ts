import "./backend.ts";
import { jit, numpy as np, tree, valueAndGrad } from "@jax-js/jax";
import { type Runner, trainer } from "../../runner.ts";
import { adam, momentum, rates } from "../../work/mlp.ts";

/** Parameters, and what an optimizer keeps for them. A type alias: an interface is no JsTree. */
// eslint-disable-next-line @typescript-eslint/consistent-type-definitions -- see above
type State = { params: np.Array[]; first: np.Array[]; second: np.Array[]; steps: np.Array };

interface Update {
  param: np.Array;
  first: np.Array;
  second: np.Array;
}

type Rule = (param: np.Array, grad: np.Array, first: np.Array, second: np.Array, steps: np.Array) => Update;

/** SGD with momentum 0.9; it keeps no second average. */
export const sgd: Rule = (param, grad, first, second, steps) => {
  steps.dispose();
  const velocity = first.mul(momentum).add(grad);
  return { param: param.sub(velocity.ref.mul(rates.sgd)), first: velocity, second };
};

export const adamRule: Rule = (param, grad, first, second, steps) => {
  const { beta1, beta2, eps } = adam;
  const mean = first.mul(beta1).add(grad.ref.mul(1 - beta1));
  const square = second.mul(beta2).add(grad.ref.mul(grad).mul(1 - beta2));
  const power = (base: number): np.Array => np.exp(steps.ref.mul(Math.log(base)));
  const rate = np.trueDivide(rates.adam, np.subtract(1, power(beta1)));
  const spread = np.sqrt(square.ref.div(np.subtract(1, power(beta2)))).add(eps);
  steps.dispose();
  return { param: param.sub(mean.ref.div(spread).mul(rate)), first: mean, second: square };
};

const keepsSecond = (rule: Rule): boolean => rule === adamRule;

type Loss = (params: np.Array[], X: np.Array, y: np.Array) => np.Array;

/** Trains with the whole step in one `jit`: loss, gradients and update. */
export function training(
  params: np.Array[],
  rule: Rule,
  X: np.Array,
  y: np.Array,
  lossOf: Loss,
  checks?: number,
  readEvery?: number,
): Runner {
  const step = jit((state: State, X: np.Array, y: np.Array) => {
    const [loss, grads] = valueAndGrad(lossOf)(tree.ref(state.params), X, y);
    const steps = state.steps.add(1);
    const updates = state.params.map((param, i) =>
      rule(param, grads[i]!, state.first[i]!, state.second[i]!, steps.ref),
    );
    const next: State = {
      params: updates.map(({ param }) => param),
      first: updates.map(({ first }) => first),
      second: updates.map(({ second }) => second),
      steps,
    };
    return { state: next, loss };
  });
  let state: State = {
    params,
    first: params.map(({ shape }) => np.zeros(shape)),
    second: params.map(({ shape }) => np.zeros(keepsSecond(rule) ? shape : [])),
    steps: np.zeros([]),
  };
  let last: np.Array | undefined;
  return trainer(
    () => {
      last?.dispose();
      const result = step(state, X.ref, y.ref);
      state = result.state;
      last = result.loss;
      return async () => (await read(last!))[0]!;
    },
    checks,
    readEvery,
  );
}

/** An array of this shape with these values. */
export const array = (values: Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>, shape: number[]): np.Array =>
  np.array(values, { shape, dtype: values instanceof Int32Array ? np.int32 : np.float32 });

/** The values of an array, which stays. Its declared type names what Node's types do not know. */
export async function read(from: np.Array): Promise<Float32Array> {
  const values: unknown = await from.ref.data();
  return values as Float32Array;
}
