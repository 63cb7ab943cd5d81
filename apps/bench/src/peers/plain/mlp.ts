import { trainer, type Open, type Runner } from "../../runner.ts";
import { adam, batch, type Layer, layers, type MLPName, momentum, rates, settings } from "../../work/mlp.ts";

interface State {
  readonly layer: Layer;
  readonly output: Float32Array;
  /** Gradient of the loss at the output, before relu. */
  readonly error: Float32Array;
  readonly slopes: Slopes[];
}

/** An array of parameters, its gradient, and the optimizer's two averages. */
interface Slopes {
  readonly values: Float32Array;
  readonly grad: Float32Array;
  readonly first: Float32Array;
  readonly second: Float32Array;
}

const slopes = (values: Float32Array): Slopes => ({
  values,
  grad: new Float32Array(values.length),
  first: new Float32Array(values.length),
  second: new Float32Array(values.length),
});

const stateOf = (layer: Layer, rows: number): State => ({
  layer,
  output: new Float32Array(rows * layer.outputs),
  error: new Float32Array(rows * layer.outputs),
  slopes: [slopes(layer.weight), slopes(layer.bias)],
});

/** The MLP in loops over typed arrays: each in the order in which memory is read, none blocked. */
export const mlp =
  (name: MLPName): Open =>
  async (): Promise<Runner> => {
    const { batch: rows, optimizer } = settings[name];
    const { pixels, classes } = batch(rows);
    const states = layers().map((layer) => stateOf(layer, rows));
    let steps = 0;
    return trainer(() => {
      let input: Float32Array = pixels;
      for (const [i, state] of states.entries()) {
        forward(state, input, rows, i < states.length - 1);
        input = state.output;
      }
      const loss = crossEntropy(states.at(-1)!, classes, rows);
      for (let i = states.length - 1; i >= 0; i--)
        backward(states[i]!, states[i - 1], states[i - 1]?.output ?? pixels, rows);
      steps += 1;
      for (const { slopes } of states) for (const each of slopes) (optimizer === "sgd" ? descend : adapt)(each, steps);
      return () => loss;
    });
  };

function forward({ layer, output }: State, input: Float32Array, rows: number, relu: boolean): void {
  const { inputs, outputs, weight, bias } = layer;
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < outputs; o++) {
      let sum = bias[o]!;
      for (let k = 0; k < inputs; k++) sum += input[row * inputs + k]! * weight[o * inputs + k]!;
      output[row * outputs + o] = relu && sum < 0 ? 0 : sum;
    }
  }
}

/** The mean negative log-likelihood; leaves its gradient in `error`. */
function crossEntropy({ layer, output, error }: State, classes: Int32Array, rows: number): number {
  const { outputs } = layer;
  let loss = 0;
  for (let row = 0; row < rows; row++) {
    const logits = output.subarray(row * outputs, (row + 1) * outputs);
    const largest = Math.max(...logits);
    const total = logits.reduce((sum, logit) => sum + Math.exp(logit - largest), 0);
    loss += Math.log(total) + largest - logits[classes[row]!]!;
    for (let o = 0; o < outputs; o++) {
      const share = Math.exp(logits[o]! - largest) / total;
      error[row * outputs + o] = (share - (o === classes[row] ? 1 : 0)) / rows;
    }
  }
  return loss / rows;
}

function backward({ layer, error, slopes }: State, below: State | undefined, input: Float32Array, rows: number): void {
  const { inputs, outputs, weight } = layer;
  const [weightGrad, biasGrad] = [slopes[0]!.grad.fill(0), slopes[1]!.grad.fill(0)];
  below?.error.fill(0);
  for (let row = 0; row < rows; row++) {
    for (let o = 0; o < outputs; o++) {
      const slope = error[row * outputs + o]!;
      if (slope === 0) continue; // relu was off
      biasGrad[o]! += slope;
      for (let k = 0; k < inputs; k++) weightGrad[o * inputs + k]! += slope * input[row * inputs + k]!;
      if (below === undefined) continue;
      for (let k = 0; k < inputs; k++) {
        if (input[row * inputs + k]! > 0) below.error[row * inputs + k]! += slope * weight[o * inputs + k]!;
      }
    }
  }
}

function descend({ values, grad, first }: Slopes): void {
  for (let i = 0; i < values.length; i++) {
    first[i] = momentum * first[i]! + grad[i]!;
    values[i]! -= rates.sgd * first[i]!;
  }
}

function adapt({ values, grad, first, second }: Slopes, steps: number): void {
  const { beta1, beta2, eps } = adam;
  const rate = rates.adam / (1 - beta1 ** steps);
  const scale = 1 / (1 - beta2 ** steps);
  for (let i = 0; i < values.length; i++) {
    const slope = grad[i]!;
    const mean = (first[i] = beta1 * first[i]! + (1 - beta1) * slope);
    const square = (second[i] = beta2 * second[i]! + (1 - beta2) * slope * slope);
    values[i]! -= (rate * mean) / (Math.sqrt(square * scale) + eps);
  }
}
