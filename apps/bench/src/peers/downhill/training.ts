import { defaultDevice, type Tensor, tensor } from "@downhill/core";
import { Linear, type Module } from "@downhill/nn";
import { Adam, SGD } from "@downhill/optim";
import type { Runner } from "../../runner.ts";
import { trainer } from "../../runner.ts";
import { type Layer, momentum, rates } from "../../work/mlp.ts";

/** A Linear with these numbers in it. */
export function linear(layer: Layer): Linear {
  const { inputs, outputs } = layer;
  const made = new Linear(inputs, outputs);
  made.loadStateDict({ weight: tensor(layer.weight).view(outputs, inputs), bias: tensor(layer.bias) });
  return made;
}

export const sgd = (model: Module): SGD => new SGD(model.parameters(), { lr: rates.sgd, momentum });
export const adam = (model: Module): Adam => new Adam(model.parameters(), { lr: rates.adam });

/** The training step as everybody writes it. On a GPU it waits, as loaders do, when it is too many steps ahead. */
export function training(optimizer: SGD | Adam, lossOf: () => Tensor, readEvery?: number): Runner {
  const step = (): Tensor => {
    optimizer.zeroGrad();
    const loss = lossOf();
    loss.backward();
    return loss;
  };
  const onCpu = (): (() => Promise<number>) => {
    const loss = step();
    optimizer.step();
    return () => loss.item();
  };
  const onGpu = async (): Promise<() => Promise<number>> => {
    const loss = step();
    optimizer.step();
    await device.backend.ready?.();
    return () => loss.item();
  };
  const device = defaultDevice();
  return trainer(device.name === "cpu" ? onCpu : onGpu, undefined, readEvery);
}
