// A small transformer that learns to write like a text, letter by letter
import { arange, manualSeed, multinomial, noGrad, randint, stack, tensor, type Tensor } from "@downhill/core";
import { CrossEntropyLoss, Embedding, LayerNorm, Linear, Module, MultiheadAttention } from "@downhill/nn";
import { AdamW, clipGradNorm } from "@downhill/optim";

const verse = `The fog came down upon the hill, and all the lower lights were still;
I put one foot before the other, and let the slope say which to follow.
Where the ground was steep I stepped with care, where it was flat I took more air,
and step by step, and turn by turn, that is how the things that walk can learn.
`.repeat(3);
const text = await ask("A text to learn from (some hundred letters or more)", verse);

manualSeed(0);
const letters = [...new Set(text)].sort();
const codes = tensor(
  Array.from(text, (letter) => letters.indexOf(letter)),
  { dtype: "int32" },
);

const context = 32;
const width = 48;

class Block extends Module {
  norm1 = new LayerNorm(width);
  attention = new MultiheadAttention(width, 4, { batchFirst: true });
  norm2 = new LayerNorm(width);
  up = new Linear(width, 4 * width);
  down = new Linear(4 * width, width);

  override forward(x: Tensor, mask: Tensor): Tensor {
    const normed = this.norm1.forward(x);
    const options = { needWeights: false, attnMask: mask, isCausal: true } as const;
    const seen = x.add(this.attention.forward(normed, normed, normed, options)[0]);
    return seen.add(this.down.forward(this.up.forward(this.norm2.forward(seen)).gelu()));
  }
}

class Writer extends Module {
  letters = new Embedding(letters.length, width);
  places = new Embedding(context, width);
  first = new Block();
  second = new Block();
  norm = new LayerNorm(width);
  head = new Linear(width, letters.length);

  override forward(codes: Tensor): Tensor {
    const length = codes.size(-1);
    const places = arange(length, { dtype: "int32" });
    const later = places.gt(places.unsqueeze(1)); // [to, from]: what may not be seen
    const x = this.letters.forward(codes).add(this.places.forward(places));
    return this.head.forward(this.norm.forward(this.second.forward(this.first.forward(x, later), later)));
  }
}

const model = new Writer();
const criterion = new CrossEntropyLoss();
const optimizer = new AdamW(model.parameters(), { lr: 0.004 });

const batch = 24;
const steps = 300;
for (let step = 1; step <= steps; step++) {
  const starts = await randint(0, text.length - context - 1, [batch]).data();
  const windows = stack(Array.from(starts, (start) => codes.narrow(0, start, context + 1)));
  const [inputs, targets] = [windows.narrow(1, 0, context), windows.narrow(1, 1, context)];
  optimizer.zeroGrad();
  const scores = model.forward(inputs);
  const loss = criterion.forward(scores.reshape([batch * context, letters.length]), targets.reshape([batch * context]));
  loss.backward();
  clipGradNorm(model.parameters(), 1);
  await optimizer.step();
  if (step % 10 === 0) plot({ "nats per letter": await loss.item() }, step);
  if (step % 100 === 0)
    console.log(`Step ${step}, loss: ${(await loss.item()).toFixed(3)}\n${await write("The ", 120)}\n`);
}

/** Goes on from a beginning, letter by letter. */
async function write(beginning: string, length: number): Promise<string> {
  let written = beginning;
  for (let i = 0; i < length; i++) {
    const seen = Array.from(written.slice(-context), (letter) => Math.max(0, letters.indexOf(letter)));
    const next = noGrad(() => {
      const scores = model.forward(tensor([seen], { dtype: "int32" })).at(0, -1);
      return multinomial(scores.div(0.6).softmax(0), 1);
    });
    written += letters[await next.item()]!;
  }
  return written;
}
