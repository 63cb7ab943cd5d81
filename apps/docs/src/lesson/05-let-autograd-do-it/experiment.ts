// Program 2: one sample at a time, with a module, a loss, autograd and an optimizer
import { grad, manualSeed, rand, randn, recordedGraph, type Tensor } from "@downhill/core";
import { Linear, MSELoss } from "@downhill/nn";
import { SGD } from "@downhill/optim";

export interface Settings {
  readonly seed: number;
  readonly rate: number;
}

/** One Node of the recorded graph: an op, or a value that was there before. */
export interface GraphNode {
  readonly op: string;
  readonly name: string | null;
  /** What it was computed from: places in the list. */
  readonly inputs: readonly number[];
  readonly shape: readonly number[];
  readonly value: number;
  /** How fast the loss grows with it; null where no gradient passes. */
  readonly gradient: number | null;
}

export interface State {
  readonly epoch: number;
  /** Counted from 1. */
  readonly sample: number;
  readonly graph: readonly GraphNode[];
  readonly loss: number;
  /** Weight and bias: before the step, their gradients, after the step. */
  readonly before: readonly [number, number];
  readonly gradients: readonly [number, number];
  readonly after: readonly [number, number];
}

export async function* experiment({ seed, rate }: Settings): AsyncGenerator<State> {
  manualSeed(seed);
  const X = rand([100, 1]).mul(10);
  const y = X.mul(2)
    .add(3)
    .add(randn([100, 1]));

  const model = new Linear(1, 1);
  const bias = model.bias!;
  const criterion = new MSELoss();
  const optimizer = new SGD(model.parameters(), { lr: rate });

  for (let epoch = 1; epoch <= 5; epoch++) {
    for (let i = 0; i < 100; i++) {
      const x = X.at(i);
      const target = y.at(i);
      optimizer.zeroGrad();
      const prediction = model.forward(x);
      const loss = criterion.forward(prediction, target);
      const graph = await look(loss, { x, y: target, weight: model.weight, bias, ŷ: prediction, loss });
      const before = await pair(model.weight, bias);
      loss.backward(); // fills .grad of the leaves, and frees the graph
      const gradients = await pair(model.weight.grad!, bias.grad!);
      optimizer.step(); // w ← w - rate · w.grad
      const after = await pair(model.weight, bias);
      yield { epoch, sample: i + 1, graph, loss: await loss.item(), before, gradients, after };
    }
  }
}

/** The graph that autograd has recorded, with the value of each Node and the gradient of the loss there. */
async function look(loss: Tensor, names: Record<string, Tensor>): Promise<GraphNode[]> {
  const nodes = recordedGraph(loss, names);
  const passed = nodes.filter(({ requiresGrad }) => requiresGrad);
  const gradients = grad(
    loss,
    passed.map(({ tensor }) => tensor),
    { retainGraph: true },
  );
  return Promise.all(
    nodes.map(async (node) => {
      const { op, name, inputs, shape, number, tensor } = node;
      const gradient = node.requiresGrad ? await gradients[passed.indexOf(node)]!.item() : null;
      return { op, name, inputs, shape, value: number ?? (await tensor.item()), gradient };
    }),
  );
}

async function pair(a: Tensor, b: Tensor): Promise<[number, number]> {
  return [await a.item(), await b.item()];
}
