import { GRU } from "../gru.js";
import { LSTM } from "../lstm.js";
import type { RecurrentLayer } from "../recurrent-layer.js";
import { RNN } from "../rnn.js";
import type { GraphBuilder } from "./graph-builder.js";
import { layerOp, type LayerCall, type LayerOp, type WriteLayer } from "./layer-op.js";
import type { Attribute } from "./messages.js";

/** What the operation of a kind of recurrent net is called, and where its gates stand in our weights. */
interface Kind<M> {
  readonly type: string;
  /** ONNX's gates by their places in PyTorch's order: i, o, f, c of i, f, g, o; z, r, h of r, z, n. */
  readonly gates: readonly number[];
  readonly states: number;
  readonly attributes: (module: M, directions: number) => Readonly<Record<string, Attribute>>;
}

/** Rows of a weight or bias in ONNX's order of gates, with a dim for the direction in front. */
function ordered(graph: GraphBuilder, name: string, gates: readonly number[], size: number): string {
  const parts = gates.map((gate) =>
    graph.add("Slice", [name, graph.ints([gate * size]), graph.ints([(gate + 1) * size]), graph.ints([0])]),
  );
  return parts.length === 1 ? parts[0]! : graph.add("Concat", parts, { axis: 0 });
}

/** Weights of all directions as one tensor. */
const beside = (graph: GraphBuilder, names: readonly string[]): string => {
  const raised = names.map((name) => graph.add("Unsqueeze", [name, graph.ints([0])]));
  return raised.length === 1 ? raised[0]! : graph.add("Concat", raised, { axis: 0 });
};

/** A layer of several depths is one operation for each, on [L, N, size]. */
const recurrent =
  <M extends RecurrentLayer>({ type, gates, states, attributes }: Kind<M>): WriteLayer<M> =>
  (module, { shapes }) => {
    const { hiddenSize, projSize, numLayers, bidirectional, batchFirst, bias } = module;
    if (projSize > 0 || shapes[0]?.length !== 3) return null;
    const directions = bidirectional ? 2 : 1;
    const all = {
      hidden_size: hiddenSize,
      direction: bidirectional ? "bidirectional" : "forward",
      ...attributes(module, directions),
    };
    return (graph, { names, weight }: LayerCall) => {
      let x = batchFirst ? graph.add("Transpose", [names[0]!], { perm: [1, 0, 2] }) : names[0]!;
      const given = names.slice(1).filter((name) => name !== null);
      const last: string[][] = Array.from({ length: states }, () => []);
      for (let layer = 0; layer < numLayers; layer++) {
        const ends = bidirectional ? [`L${layer}`, `L${layer}Reverse`] : [`L${layer}`];
        const rows = (name: string): string => ordered(graph, weight(name), gates, hiddenSize);
        const biasOf = (end: string): string =>
          graph.add("Concat", [rows(`biasIh${end}`), rows(`biasHh${end}`)], { axis: 0 });
        const from = (state: string): string => {
          const [start, stop] = [layer * directions, (layer + 1) * directions];
          return graph.add("Slice", [state, graph.ints([start]), graph.ints([stop]), graph.ints([0])]);
        };
        const initial = given.map((state) => from(state));
        const inputs = [
          x,
          beside(graph, ends.map((end) => rows(`weightIh${end}`))), // prettier-ignore
          beside(graph, ends.map((end) => rows(`weightHh${end}`))), // prettier-ignore
          bias ? beside(graph, ends.map(biasOf)) : "",
          ...(initial.length > 0 ? ["", ...initial] : []),
        ];
        const [output, ...ended] = graph.addAll(type, inputs, all, 1 + states);
        ended.forEach((state, k) => last[k]!.push(state));
        // [L, directions, N, size] to [L, N, directions · size]
        const turned = graph.add("Transpose", [output!], { perm: [0, 2, 1, 3] });
        x = graph.add("Reshape", [turned, graph.ints([0, 0, directions * hiddenSize])]);
      }
      const output = batchFirst ? graph.add("Transpose", [x], { perm: [1, 0, 2] }) : x;
      return [output, ...last.map((list) => (list.length === 1 ? list[0]! : graph.add("Concat", list, { axis: 0 })))];
    };
  };

export const recurrentOps: readonly LayerOp[] = [
  layerOp(LSTM, recurrent({ type: "LSTM", gates: [0, 3, 1, 2], states: 2, attributes: () => ({}) })),
  layerOp(GRU, recurrent({ type: "GRU", gates: [1, 0, 2], states: 1, attributes: () => ({ linear_before_reset: 1 }) })),
  layerOp(
    RNN,
    recurrent<RNN>({
      type: "RNN",
      gates: [0],
      states: 1,
      attributes: ({ nonlinearity }, directions) => ({
        activations: new Array<string>(directions).fill(nonlinearity === "relu" ? "Relu" : "Tanh"),
      }),
    }),
  ),
];
