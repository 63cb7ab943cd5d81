// A transformer that reads digits and writes them in order, one after the other.
import { arange, cat, manualSeed, noGrad, randint, type Tensor } from "@downhill/core";
import { CrossEntropyLoss, Embedding, Linear, Module, TransformerEncoder, TransformerEncoderLayer } from "@downhill/nn";
import { AdamW, clipGradNorm, CosineAnnealingLR } from "@downhill/optim";

manualSeed(0);
const [values, length, width, batchSize] = [10, 6, 32, 64];

class Sorter extends Module {
  tokens = new Embedding(values, width);
  places = new Embedding(2 * length - 1, width);
  encoder = new TransformerEncoder(
    new TransformerEncoderLayer(width, 4, { dimFeedforward: 64, dropout: 0, batchFirst: true, normFirst: true }),
    2,
  );
  head = new Linear(width, values);

  /** Scores of what comes next at each place of [N, L], by what stands up to there. */
  override forward(tokens: Tensor): Tensor {
    const places = this.places.forward(arange(tokens.size(1), { dtype: "int32" }));
    return this.head.forward(this.encoder.forward(this.tokens.forward(tokens).add(places), { isCausal: true }));
  }
}

const digits = (): Tensor => randint(0, values, [batchSize, length], { dtype: "int32" });
const model = new Sorter();
const criterion = new CrossEntropyLoss();
const optimizer = new AdamW(model.parameters(), { lr: 0.004 });
const steps = 700;
const scheduler = new CosineAnnealingLR(optimizer, { tMax: steps });

for (let step = 1; step <= steps; step++) {
  const given = digits();
  const [sorted] = given.sort(1);
  const scores = model.forward(cat([given, sorted.narrow(1, 0, length - 1)], 1)).narrow(1, length - 1, length);
  optimizer.zeroGrad();
  const loss = criterion.forward(scores.flatten(0, 1), sorted.flatten());
  loss.backward();
  clipGradNorm(model.parameters(), 1);
  await optimizer.step();
  scheduler.step();
}

const given = digits();
model.eval();
let written = given;
for (let place = 0; place < length; place++) {
  const scores = noGrad(() => model.forward(written));
  written = cat([written, scores.narrow(1, scores.size(1) - 1, 1).argmax(-1)], 1);
}
const [sorted] = given.sort(1);
export const accuracy: number = await written.narrow(1, length, length).eq(sorted).all(1).to("float32").mean().item();
console.log(`Sorting, rows written in order: ${(100 * accuracy).toFixed(1)} %`);
