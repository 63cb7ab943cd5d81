// An autoencoder: digits through a bottleneck of sixteen numbers, and back
import { cat, manualSeed, noGrad } from "@downhill/core";
import { DataLoader, synthetic } from "@downhill/data";
import { Linear, MSELoss, ReLU, Sequential, Sigmoid } from "@downhill/nn";
import { Adam } from "@downhill/optim";

manualSeed(0);
const size = 20;
const loader = new DataLoader(synthetic.glyphDigits(2000, { size }), { batchSize: 50, shuffle: true });
const [shown] = synthetic.glyphDigits(10, { size, fixed: true }).getBatch([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);

const encoder = new Sequential(new Linear(size * size, 128), new ReLU(), new Linear(128, 16));
const decoder = new Sequential(new Linear(16, 128), new ReLU(), new Linear(128, size * size), new Sigmoid());
const criterion = new MSELoss();
const optimizer = new Adam([...encoder.parameters(), ...decoder.parameters()], { lr: 0.003 });

let last = NaN;
for (let epoch = 1; epoch <= 8; epoch++) {
  for await (const [images] of progress(loader, { label: `epoch ${epoch}` })) {
    const flat = images.reshape([-1, size * size]);
    optimizer.zeroGrad();
    const loss = criterion.forward(decoder.forward(encoder.forward(flat)), flat);
    loss.backward();
    optimizer.step();
    last = await loss.item();
    plot({ loss: last });
  }
  const again = noGrad(() => decoder.forward(encoder.forward(shown.reshape([10, size * size]))));
  image(cat([shown, again.reshape([10, 1, size, size])]), { name: "before and after" });
}
console.log(`Mean squared error: ${last.toFixed(4)}`);
