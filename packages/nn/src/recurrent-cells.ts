import { DTypeError, type RandomOptions, ShapeError, type Tensor, uniform, zeros } from "@downhill/core";
import { checkCount, checkFlag, checkFloat, checkOptions, text } from "@downhill/core/engine";
import { constantsOf, kinds, projected, type RecurrentKind } from "./functional/recurrent-bodies.js";
import { checkLayerDType } from "./layer-dtype.js";
import { checkStates, type LSTMState } from "./lstm.js";
import { Module } from "./module.js";
import { notParameter } from "./module-errors.js";
import { Parameter } from "./parameter.js";
import { checkNonlinearity } from "./rnn.js";

/** What cells take beside their sizes. */
export interface CellOptions extends Pick<RandomOptions, "dtype" | "device"> {
  /** Add learned biases. Default true. */
  readonly bias?: boolean;
}

export interface RNNCellOptions extends CellOptions {
  /** What the sum goes through. Default "tanh". */
  readonly nonlinearity?: "tanh" | "relu";
}

/** One turn of a recurrent net, for loops of one's own. */
abstract class Cell extends Module {
  readonly inputSize: number;
  readonly hiddenSize: number;
  readonly bias: boolean;
  declare weightIh: Parameter;
  declare weightHh: Parameter;
  declare biasIh: Parameter | null;
  declare biasHh: Parameter | null;

  constructor(
    private readonly where: string,
    protected readonly kind: RecurrentKind,
    inputSize: number,
    hiddenSize: number,
    options: CellOptions,
    others: readonly string[] = [],
  ) {
    super();
    checkOptions(where, options, ["bias", "dtype", "device", ...others]);
    const { bias = true } = options;
    checkFlag(`${where}: bias`, bias);
    this.inputSize = checkCount(where, "inputSize", inputSize);
    this.hiddenSize = checkCount(where, "hiddenSize", hiddenSize, 1);
    this.bias = bias;
    const placed = { dtype: checkLayerDType(where, options.dtype), ...(options.device && { device: options.device }) };
    const bound = 1 / Math.sqrt(hiddenSize);
    const rows = kind.gates * hiddenSize;
    const draw = (...shape: number[]): Parameter => new Parameter(uniform(-bound, bound, shape, placed));
    this.registerParameter("weightIh", draw(rows, inputSize));
    this.registerParameter("weightHh", draw(rows, hiddenSize));
    this.registerParameter("biasIh", bias ? draw(rows) : null);
    this.registerParameter("biasHh", bias ? draw(rows) : null);
  }

  /** The states after one turn, each [N, hiddenSize] or [hiddenSize]. */
  protected turn(x: Tensor, given: readonly Tensor[] | null): Tensor[] {
    const { where, kind, inputSize, hiddenSize, weightIh, weightHh, biasIh, biasHh } = this;
    for (const [name, value] of Object.entries({ weightIh, weightHh, biasIh, biasHh }))
      if (!(value instanceof Parameter) && !(value === null && name.startsWith("bias")))
        throw notParameter(this, name, value);
    checkFloat(where, x);
    if ((x.ndim !== 1 && x.ndim !== 2) || x.shape.at(-1) !== inputSize)
      throw new ShapeError(
        `${where}: the input must be [N, ${inputSize}], or [${inputSize}] without a batch, got ${text(x.shape)}`,
      );
    const shape = [...x.shape.slice(0, -1), hiddenSize];
    const states = Array.from({ length: kind.states }, (_, k) => {
      const state = given?.[k] ?? zeros(shape, { dtype: x.dtype, device: x.device });
      if (text(state.shape) !== text(shape))
        throw new ShapeError(`${where}: the state must be ${text(shape)}, got ${text(state.shape)}`);
      return state;
    });
    const other = [x, ...states].find(({ dtype }) => dtype !== weightIh.dtype);
    if (other !== undefined)
      throw new DTypeError(
        `${where}: the input or a state is ${other.dtype}, the weights ${weightIh.dtype}`,
        `convert it: x.to("${weightIh.dtype}")`,
      );
    const weights = { weightIh, weightHh, biasIh, biasHh, weightHr: null };
    const rows = (value: Tensor): Tensor => (x.ndim === 1 ? value.unsqueeze(0) : value);
    const { carry } = kind.body(states.map(rows), [projected(kind, rows(x), weights)], constantsOf(kind, weights));
    return carry.map((state) => (x.ndim === 1 ? state.squeeze(0) : state));
  }

  override extraRepr(): string {
    return `${this.inputSize}, ${this.hiddenSize}${this.bias ? "" : ", bias=false"}`;
  }
}

/**
 * One turn of an RNN: input [N, inputSize] and state [N, hiddenSize] give the next state. Same as torch.nn.RNNCell,
 * parameters drawn as PyTorch draws them. For whole sequences RNN is faster.
 *
 * @example
 * const cell = new RNNCell(10, 20);
 * let state = zeros([3, 20]);
 * for (const row of randn([6, 3, 10]).unbind()) state = cell.forward(row, state);
 */
export class RNNCell extends Cell {
  readonly nonlinearity: "tanh" | "relu";

  constructor(inputSize: number, hiddenSize: number, options: RNNCellOptions = {}) {
    const { nonlinearity = "tanh" } = options;
    super("RNNCell", kinds[checkNonlinearity("RNNCell", nonlinearity)], inputSize, hiddenSize, options, [
      "nonlinearity",
    ]);
    this.nonlinearity = nonlinearity;
  }

  override forward(x: Tensor, state: Tensor | null = null): Tensor {
    return this.turn(x, state && [state])[0]!;
  }

  override extraRepr(): string {
    return super.extraRepr() + (this.nonlinearity === "tanh" ? "" : `, nonlinearity=${this.nonlinearity}`);
  }
}

/**
 * One turn of a GRU: input [N, inputSize] and state [N, hiddenSize] give the next state. Same as torch.nn.GRUCell,
 * parameters drawn as PyTorch draws them. For whole sequences GRU is faster.
 *
 * @example
 * new GRUCell(10, 20).forward(randn([3, 10])).shape; // [3, 20]
 */
export class GRUCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super("GRUCell", kinds.gru, inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, state: Tensor | null = null): Tensor {
    return this.turn(x, state && [state])[0]!;
  }
}

/**
 * One turn of an LSTM: input [N, inputSize] and states [hidden, cell] of [N, hiddenSize] give the next states. Same as
 * torch.nn.LSTMCell, parameters drawn as PyTorch draws them. For whole sequences LSTM is faster.
 *
 * @example
 * const [hidden, cell] = new LSTMCell(10, 20).forward(randn([3, 10]));
 * console.log(hidden.shape, cell.shape); // [3, 20] [3, 20]
 */
export class LSTMCell extends Cell {
  constructor(inputSize: number, hiddenSize: number, options: CellOptions = {}) {
    super("LSTMCell", kinds.lstm, inputSize, hiddenSize, options);
  }

  override forward(x: Tensor, state: LSTMState | null = null): [hidden: Tensor, cell: Tensor] {
    return this.turn(x, checkStates("LSTMCell", state)) as [Tensor, Tensor];
  }
}
