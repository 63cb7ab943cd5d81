import { type BenchSettings, dataSets, optimizers } from "./bench-settings.js";

/** What a step of the bench shows. */
export interface BenchState {
  readonly epoch: number;
  readonly batch: number;
  readonly trainLoss: number;
  readonly testLoss: number;
  /** Share of the test points on the right side. */
  readonly accuracy: number;
  /** Row by row from the top, from -1 to 1: which class the model takes a place for. */
  readonly border: Float32Array;
  /** Of each linear layer, a row for each unit. */
  readonly weights: readonly Float32Array[];
  readonly points: { readonly x: Float32Array; readonly y: Float32Array; readonly classes: Int32Array };
}

/** Places along a side of the border's picture. */
export const side = 50;

/**
 * The program for what is chosen: what the bench runs, and what it shows as code. It exports `experiment`, which yields
 * a state after each mini-batch.
 */
export function benchProgram(settings: BenchSettings): string {
  const { data, noise, layers, activation, optimizer, rate, batchSize, regularization, strength, seed } = settings;
  const { make, square } = dataSets[data];
  const { name, options } = optimizers[optimizer];
  const decay = regularization === "L2" ? `, weightDecay: ${strength}` : "";
  const sizes = [2, ...layers, 1];
  const stack = sizes
    .slice(1)
    .flatMap((size, i) => [
      `new Linear(${sizes[i]!}, ${size})`,
      ...(i < sizes.length - 2 ? [`new ${activation}()`] : []),
    ]);
  const classes = ["BCEWithLogitsLoss", "Linear", "Sequential", ...(layers.length > 0 ? [activation] : [])].sort();
  const loss = 'criterion.forward(model.forward(x).squeeze(1), y.to("float32"))';
  const lossLines =
    regularization === "L1"
      ? `let loss = ${loss};
      for (const parameter of model.parameters()) loss = loss.add(parameter.abs().sum().mul(${strength}));`
      : `const loss = ${loss};`;
  return `// A network for points of two classes
import { linspace, manualSeed, meshgrid, noGrad, stack, type Tensor } from "@downhill/core";
import { DataLoader, synthetic } from "@downhill/data";
import { ${classes.join(", ")} } from "@downhill/nn";
import { ${name} } from "@downhill/optim";

manualSeed(${seed});
const train = ${make(noise)};
const test = ${make(noise)};
const [X, labels] = train.tensors;
const [testX, testLabels] = test.tensors;

const model = new Sequential(
${stack.map((layer) => `  ${layer},`).join("\n")}
);
const criterion = new BCEWithLogitsLoss();
const optimizer = new ${name}(model.parameters(), { lr: ${rate}${options}${decay} });
const loader = new DataLoader(train, { batchSize: ${batchSize}, shuffle: true });

// The places of a picture, row by row from the top.
const side = ${side};
const [centerX, centerY, half] = [${square.join(", ")}] as const;
const line = linspace(-half, half, side);
const [rows, columns] = meshgrid([line.neg().add(centerY), line.add(centerX)], { indexing: "ij" }) as [Tensor, Tensor];
const places = stack([columns, rows], -1).reshape([side * side, 2]);
const points = {
  x: (await X.narrow(1, 0, 1).sub(centerX - half).div(2 * half).data()) as Float32Array,
  y: (await X.narrow(1, 1, 1).neg().add(centerY + half).div(2 * half).data()) as Float32Array,
  classes: (await labels.data()) as Int32Array,
};

/** What there is to see after a step. */
async function look(epoch: number, batch: number) {
  const [border, trainLoss, testLoss, right] = noGrad(() => {
    const lossOn = (x: Tensor, y: Tensor) => ${loss};
    const classOf = model.forward(places).sigmoid().mul(2).sub(1);
    const right = model.forward(testX).squeeze(1).gt(0).to("int32").eq(testLabels).to("float32").mean();
    return [classOf, lossOn(X, labels), lossOn(testX, testLabels), right] as const;
  });
  const matrices = [...model.parameters()].filter(({ shape }) => shape.length === 2);
  return {
    epoch,
    batch,
    trainLoss: await trainLoss.item(),
    testLoss: await testLoss.item(),
    accuracy: await right.item(),
    border: (await border.data()) as Float32Array,
    weights: (await Promise.all(matrices.map((matrix) => matrix.data()))) as Float32Array[],
    points,
  };
}

export async function* experiment() {
  yield await look(0, 0);
  for (let epoch = 1; ; epoch++) {
    let batch = 0;
    for await (const [x, y] of loader) {
      optimizer.zeroGrad();
      ${lossLines}
      loss.backward();
      optimizer.step();
      yield await look(epoch, ++batch);
    }
  }
}
`;
}

/** The same, and a loop that runs it: for the editor. */
export function shownProgram(settings: BenchSettings): string {
  return `${benchProgram(settings)}
for await (const { epoch, batch, trainLoss, testLoss, accuracy, border } of experiment()) {
  plot({ "train loss": trainLoss, "test loss": testLoss });
  if (batch > 1) continue;
  image(border, { name: "border", width: side, colors: "diverging", points });
  console.log(\`Epoch \${epoch}, right: \${(100 * accuracy).toFixed(1)} %\`);
  if (epoch === 30) break;
}
`;
}
