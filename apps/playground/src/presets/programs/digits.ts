// A reader of digits that trains in the page, then reads what you draw
import { manualSeed, noGrad, tensor } from "@downhill/core";
import { DataLoader, synthetic } from "@downhill/data";
import { Conv2d, CrossEntropyLoss, Flatten, Linear, MaxPool2d, ReLU, Sequential } from "@downhill/nn";
import { AdamW } from "@downhill/optim";

manualSeed(0);
// Drawn anew in each epoch, in four hands; nothing is downloaded.
const train = new DataLoader(synthetic.glyphDigits(3000), { batchSize: 50, shuffle: true });
const test = new DataLoader(synthetic.glyphDigits(500, { fixed: true }), { batchSize: 250 });

const model = new Sequential(
  new Conv2d(1, 8, 5, { stride: 2, padding: 2 }), // 28 × 28 → 14 × 14
  new ReLU(),
  new Conv2d(8, 16, 3, { padding: 1 }),
  new ReLU(),
  new MaxPool2d(2), // → 7 × 7
  new Flatten(),
  new Linear(16 * 7 * 7, 64),
  new ReLU(),
  new Linear(64, 10),
);
const criterion = new CrossEntropyLoss();
const optimizer = new AdamW(model.parameters(), { lr: 0.003 });

for (let epoch = 1; epoch <= 3; epoch++) {
  for await (const [images, digits] of progress(train, { label: `epoch ${epoch}` })) {
    optimizer.zeroGrad();
    const loss = criterion.forward(model.forward(images), digits);
    loss.backward();
    optimizer.step();
    plot({ loss: await loss.item() });
  }

  let right = 0;
  for await (const [images, digits] of test) {
    right += await noGrad(() => model.forward(images).argmax(1).eq(digits).to("int32").sum()).item();
    if (epoch === 1) image(images.narrow(0, 0, 30), { name: "digits it has never seen" });
  }
  console.log(`Epoch ${epoch}, test accuracy: ${(right / 5).toFixed(1)} %`);
}

console.log("Now draw a digit, large and in the middle.");
for await (const pixels of drawings(28)) {
  const drawn = tensor(pixels).reshape([1, 1, 28, 28]);
  const chances = await noGrad(() => model.forward(drawn).softmax(1)).data();
  const [first, second] = [...chances.keys()].sort((a, b) => chances[b]! - chances[a]!) as [number, number];
  const percent = (digit: number): string => `${digit} (${(100 * chances[digit]!).toFixed(0)} %)`;
  console.log(`I read ${percent(first)}, or else ${percent(second)}.`);
}
