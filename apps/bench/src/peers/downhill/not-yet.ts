/** What is on its way into the packages. Each goes once its package exports it. */
import * as core from "@downhill/core";
import type { Tensor } from "@downhill/core";
import * as nn from "@downhill/nn";
import type { Layer, Module } from "@downhill/nn";

interface Coming {
  /** Of `@downhill/core`: traces once, replays without recording. */
  compile: <Args extends readonly Tensor[], Result>(fn: (...args: Args) => Result) => (...args: Args) => Result;
  Conv2d: new (inputs: number, outputs: number, kernel: number, options: { padding: number }) => Layer & Module;
  MaxPool2d: new (kernel: number) => Layer & Module;
  LayerNorm: new (shape: readonly number[]) => Layer & Module;
  scaledDotProductAttention: (q: Tensor, k: Tensor, v: Tensor) => Tensor;
}

const places: readonly object[] = [core, nn, nn.functional];

/** One of the coming exports, or undefined where it is not there yet. */
export function coming<Name extends keyof Coming>(name: Name): Coming[Name] | undefined {
  const place = places.find((namespace) => name in namespace) as Coming | undefined;
  return place?.[name];
}

/** A sentence for the table, if any of these is missing. */
export function missing(...names: (keyof Coming)[]): string | undefined {
  const absent = names.filter((name) => coming(name) === undefined);
  return absent.length === 0 ? undefined : `not there yet: ${absent.join(", ")}`;
}
