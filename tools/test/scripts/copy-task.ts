// An LSTM that reads symbols, waits, and at a sign says them again (Hochreiter and Schmidhuber, 1997, gave it such a task).
import { cat, full, manualSeed, noGrad, randint, type Tensor } from "@downhill/core";
import { CrossEntropyLoss, Embedding, Linear, LSTM, Module } from "@downhill/nn";
import { Adam, clipGradNorm } from "@downhill/optim";

manualSeed(0);
const [symbols, length, delay, batchSize] = [4, 4, 6, 64];
const [blank, sign] = [symbols, symbols + 1];

/** Reads `abcd......!...`, to say `abcd` from the sign on: [time, batch] and [length, batch]. */
function batch(): [read: Tensor, said: Tensor] {
  const said = randint(0, symbols, [length, batchSize], { dtype: "int32" });
  const column = (count: number, code: number): Tensor => full([count, batchSize], code, { dtype: "int32" });
  return [cat([said, column(delay, blank), column(1, sign), column(length - 1, blank)]), said];
}

class Copier extends Module {
  embedding = new Embedding(symbols + 2, 8);
  lstm = new LSTM(8, 48);
  head = new Linear(48, symbols);

  override forward(read: Tensor): Tensor {
    const [states] = this.lstm.forward(this.embedding.forward(read));
    return this.head.forward(states.narrow(0, length + delay, length));
  }
}

const model = new Copier();
const criterion = new CrossEntropyLoss();
const optimizer = new Adam(model.parameters(), { lr: 0.01 });

for (let step = 1; step <= 600; step++) {
  const [read, said] = batch();
  optimizer.zeroGrad();
  const loss = criterion.forward(model.forward(read).flatten(0, 1), said.flatten());
  loss.backward();
  clipGradNorm(model.parameters(), 1);
  await optimizer.step();
}

const [read, said] = batch();
export const accuracy: number = await noGrad(() => model.forward(read).argmax(-1).eq(said).to("float32").mean()).item();
console.log(`Copy task, symbols said right: ${(100 * accuracy).toFixed(1)} %`);
