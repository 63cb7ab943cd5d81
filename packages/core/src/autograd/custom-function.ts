import { isFloat } from "../dtype.js";
import { DTypeError, GradientError, show, ShapeError } from "../errors.js";
import { expose, newestNode, type Node, scalarNode } from "../program/node.js";
import { outside } from "../program/scope.js";
import { text } from "../shape.js";
import { apply, COPY, Tensor } from "../tensor.js";
import { zeros } from "../creation.js";
import { watch } from "./anomaly-watch.js";
import { isGradEnabled, withGrad } from "./mode.js";
import type { FunctionBackward, OutputBackward } from "./rule.js";

/** What `forward` of a custom function hands to its `backward`. Attributes of your own may be set on it. */
export class FunctionContext {
  [attribute: string]: unknown;

  /** Per argument of `forward`, whether `backward` must give a gradient for it. */
  readonly needsInputGrad: readonly boolean[];
  /** @internal */
  readonly saved: Node[] = [];
  /** @internal The Nodes that stand for the saved ones in the backward pass that runs now. */
  standIns: readonly Node[] | null = null;
  /** @internal */
  readonly nonDifferentiable: Set<Tensor> = new Set<Tensor>();
  /** @internal */
  materializesGrads = true;

  /** @internal */
  constructor(needsInputGrad: readonly boolean[]) {
    this.needsInputGrad = needsInputGrad;
  }

  /** Saves inputs, outputs or other tensors of `forward` for `backward`, with their graphs. */
  saveForBackward(...tensors: Tensor[]): void {
    for (const tensor of tensors) {
      if (!(tensor instanceof Tensor))
        throw new DTypeError(
          `saveForBackward: takes tensors, got ${show(tensor)}`,
          "set anything else on ctx: ctx.alpha = alpha",
        );
    }
    this.saved.splice(0, this.saved.length, ...tensors.map((tensor) => tensor.node));
  }

  /** The tensors that `saveForBackward` got, in its order, with the values they had then. */
  get savedTensors(): Tensor[] {
    return (this.standIns ?? this.saved).map((node) => new Tensor(node));
  }

  /** Says that these outputs have no gradient. */
  markNonDifferentiable(...outputs: Tensor[]): void {
    for (const output of outputs) this.nonDifferentiable.add(output);
  }

  /** Whether `backward` gets zeros, not null, for outputs that nothing depends on. Default: true. */
  setMaterializeGrads(value: boolean): void {
    this.materializesGrads = value;
  }
}

/** What `backward` of a custom function may return: one gradient per argument of `forward`, null where there is none. */
export type InputGradients = Tensor | null | undefined | void | readonly (Tensor | null | undefined)[];

/** The static side of a class with a forward and a backward of its own. */
export interface FunctionDefinition<Args extends readonly unknown[], Result> {
  readonly name: string;
  /** Computes the result; `context` keeps what `backward` needs. */
  forward(ctx: FunctionContext, ...args: Args): Result;
  /** The gradients of the inputs from those of the results. */
  backward(ctx: FunctionContext, ...grads: Tensor[]): InputGradients;
}

/**
 * Base of functions with a gradient of their own: extend it with static `forward` and `backward`, and call `apply`.
 * `forward` runs without gradients; `backward` gets the gradient of each output and returns one per argument of
 * `forward`, null for those that are no tensors. Written with tensor methods, it differentiates again.
 * Same as torch.autograd.Function.
 *
 * @example
 * class Square extends AutogradFunction {
 *   static forward(ctx: FunctionContext, x: Tensor): Tensor {
 *     ctx.saveForBackward(x);
 *     return x.mul(x);
 *   }
 *   static backward(ctx: FunctionContext, grad: Tensor): Tensor {
 *     const [x] = ctx.savedTensors;
 *     return grad.mul(x!).mul(2);
 *   }
 * }
 * const y = Square.apply(tensor([1, 2, 3], { requiresGrad: true }));
 */
// eslint-disable-next-line @typescript-eslint/no-extraneous-class -- users extend it, as in PyTorch
export abstract class AutogradFunction {
  /** Runs `forward` and records the call in the graph. */
  static apply<Args extends readonly unknown[], Result>(this: FunctionDefinition<Args, Result>, ...args: Args): Result {
    const inputs = args.map((arg) => (arg instanceof Tensor ? arg.node : null));
    const needs = inputs.map((node) => node !== null && isGradEnabled() && node.requiresGrad);
    const ctx = new FunctionContext(needs);
    const parents = inputs.filter((node) => node !== null);
    const records = needs.includes(true);
    if (records && typeof this.backward !== "function") {
      throw new GradientError(
        `${this.name}: has no backward`,
        "write static backward(ctx, grad), or call it inside noGrad",
      );
    }
    // Older than all that forward makes, so that backward runs once the gradients of all outputs are there.
    const call = records ? scalarNode(0, parents[0]!.dtype, parents[0]!.device) : null;
    if (call !== null) watch?.remember(call);
    const before = newestNode();
    const result = withGrad(false, () => outside(() => this.forward(ctx, ...args)));
    const outputs: readonly unknown[] = Array.isArray(result) ? result : [result];
    for (const output of outputs) {
      if (!(output instanceof Tensor))
        throw new GradientError(
          `${this.name}: forward must return a tensor or an array of tensors, got ${show(result)}`,
        );
    }
    if (call === null) return result;
    const differentiable = outputs.map(
      (output) => isFloat((output as Tensor).dtype) && !ctx.nonDifferentiable.has(output as Tensor),
    );
    const own = (outputs as readonly Tensor[]).map((output, index) =>
      differentiable[index]! ? ownOutput(output, before, call, index) : output,
    );
    call.requiresGrad = true;
    call.parents = parents;
    call.backward = new Call(
      this,
      ctx,
      inputs,
      own.map((output) => output.node),
    );
    return (Array.isArray(result) ? own : own[0]) as Result;
  }
}

/** Makes an output the result of `call`. What forward did not make itself (an input, a constant) is copied for that. */
function ownOutput(output: Tensor, before: number, call: Node, index: number): Tensor {
  const fresh = output.node.id > before && !output.node.requiresGrad && output.node.parents.length === 0;
  const own = fresh ? output : withGrad(false, () => apply(COPY, [output], [], output.shape, output.dtype));
  const backward: OutputBackward = { kind: "output", index };
  own.node.requiresGrad = true;
  own.node.parents = [call];
  own.node.backward = backward;
  return own;
}

/** How a call of a custom function passes gradients on. */
class Call implements FunctionBackward {
  readonly kind = "function";
  readonly name: string;
  private readonly outputs: readonly Pick<Node, "shape" | "dtype" | "device">[];

  constructor(
    private readonly definition: Pick<FunctionDefinition<never, unknown>, "name" | "backward">,
    private readonly ctx: FunctionContext,
    private readonly inputs: readonly (Node | null)[],
    outputs: readonly Node[],
  ) {
    this.name = definition.name;
    this.outputs = outputs.map(({ shape, dtype, device }) => ({ shape, dtype, device }));
  }

  run(received: ReadonlyMap<number, Tensor>, value: (node: Node) => Node): (Tensor | null)[] {
    const { ctx, definition } = this;
    const grads = this.outputs.map(({ shape, dtype, device }, index) => {
      const grad = received.get(index) ?? null;
      if (grad !== null) expose(grad.node);
      return grad === null && ctx.materializesGrads ? zeros(shape, { dtype, device }) : grad;
    });
    ctx.standIns = ctx.saved.map(value);
    let result: InputGradients;
    try {
      // Null only reaches a backward that has asked for it.
      result = outside(() => definition.backward(ctx, ...(grads as Tensor[])));
    } finally {
      ctx.standIns = null;
    }
    const list = (Array.isArray(result) ? result : [result]) as readonly unknown[];
    return this.checked(list);
  }

  /** Checks one gradient per argument, and keeps those of tensors. */
  private checked(list: readonly unknown[]): (Tensor | null)[] {
    const { inputs, definition } = this;
    const where = `${definition.name}.backward`;
    if (
      list.length < inputs.length ||
      list.slice(inputs.length).some((extra) => extra !== null && extra !== undefined)
    ) {
      throw new GradientError(
        `${where}: returned ${list.length} gradients for ${inputs.length} arguments of forward`,
        "return one per argument, null for those without",
      );
    }
    const shares: (Tensor | null)[] = [];
    inputs.forEach((input, i) => {
      const share = list[i] ?? null;
      if (share !== null && !(share instanceof Tensor))
        throw new GradientError(`${where}: gradient ${i} must be a tensor or null, got ${show(share)}`);
      if (input === null) {
        if (share !== null)
          throw new GradientError(`${where}: gradient ${i} must be null, for forward's argument ${i} is no tensor`);
        return;
      }
      if (share !== null && input.requiresGrad) check(where, i, share, input);
      shares.push(share);
    });
    return shares;
  }
}

/** A gradient may have a shape that its input broadcasts to: it is summed then. */
function check(where: string, i: number, share: Tensor, input: Node): void {
  const lead = share.ndim - input.shape.length;
  if (lead < 0 || input.shape.some((size, dim) => size !== 1 && size !== share.shape[lead + dim])) {
    throw new ShapeError(
      `${where}: gradient ${i} has shape ${text(share.shape)}, forward's argument ${i} has ${text(input.shape)}`,
    );
  }
  if (!isFloat(share.dtype)) throw new DTypeError(`${where}: gradient ${i} is ${share.dtype}, not a float dtype`);
}
