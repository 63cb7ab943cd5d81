// Stochastic gradient descent by hand, one sample at a time
import { RandomState } from "@downhill/core";

// The truth that the model has to find: y = 5x + 7, seen through noise. NumPy's generator, so NumPy's numbers.
const random = new RandomState(42);
const X = random.uniform(0, 10, 100);
const y = X.mul(5).add(7).add(random.randn(100));

let weight = random.randn();
let bias = random.randn();
const learningRate = 0.01;

const xs = await X.data();
const ys = await y.data();

for (let epoch = 1; epoch <= 5; epoch++) {
  for (const [i, x] of xs.entries()) {
    const target = ys[i]!;
    const prediction = weight * x + bias;
    const error = target - prediction;
    const loss = error ** 2;

    // The derivatives of (y - ŷ)² with ŷ = wx + b: -2x(y - ŷ) and -2(y - ŷ).
    weight -= learningRate * -2 * x * error;
    bias -= learningRate * -2 * error;

    if (i % 10 === 0) console.log(`Epoch ${epoch}, Sample ${i + 1}, Loss: ${loss.toFixed(4)}`);
  }
}

console.log(`Trained weight: ${weight.toFixed(4)}, trained bias: ${bias.toFixed(4)}`);
