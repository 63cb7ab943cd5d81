import { DTypeError, Tensor, tensor, ValueError, where } from "@downhill/core";
import {
  assign,
  assigning,
  checkCount,
  checkFlag,
  checkOptions,
  composite,
  type Device,
  isTracing,
  ownTensor,
  show,
  withGrad,
} from "@downhill/core/engine";
import type { OptimizerBase } from "./optimizer-base.js";
import type { ParamState } from "./param-state.js";

/** What a `GradScaler` takes. */
export interface GradScalerOptions {
  /** The first scale. Default 65536. */
  readonly initScale?: number;
  /** Times what the scale grows after `growthInterval` steps without an infinity or NaN in a row: more than 1. Default 2. */
  readonly growthFactor?: number;
  /** Times what it shrinks after a step with one: less than 1. Default 0.5. */
  readonly backoffFactor?: number;
  /** Default 2000. */
  readonly growthInterval?: number;
  /** Off, `scale` gives back what it is given and `step` just steps. Default true. */
  readonly enabled?: boolean;
}

/** What `stateDict` of a scaler gives: nothing of one that is off. */
export interface GradScalerStateDict {
  readonly scale: Tensor;
  readonly growthTracker: Tensor;
  readonly growthFactor: number;
  readonly backoffFactor: number;
  readonly growthInterval: number;
}

/** What has been done with an optimizer since the last `update`, and by device whether all its gradients are finite. */
interface Stage {
  readonly finite: ReadonlyMap<Device, Tensor>;
  stepped: boolean;
}

type AnyOptimizer = OptimizerBase<object>;

/** The next scale, and for how many steps nothing has overflowed. */
const nextScale = /* @__PURE__ */ composite(
  (scale: Tensor, tracker: Tensor, finite: Tensor, options: Required<GradScalerOptions>): [Tensor, Tensor] => {
    const run = tracker.add(1);
    const grows = run.ge(options.growthInterval);
    const grown = scale.mul(options.growthFactor);
    // One that would be infinite stays.
    const kept = where(grows.logicalAnd(grown.isfinite()), grown, scale);
    const none = tracker.mul(0);
    return [where(finite, kept, scale.mul(options.backoffFactor)), where(finite, where(grows, none, run), none)];
  },
);

const allFinite = /* @__PURE__ */ composite((grads: readonly Tensor[]): Tensor =>
  grads.map((grad) => grad.isfinite().all()).reduce((all, one) => all.logicalAnd(one)),
);

/**
 * Scales losses so that small gradients do not vanish in float16, and leaves out the steps whose gradients overflow: the
 * scale shrinks after such a step, and grows after many without one. Same as torch.amp.GradScaler.
 * Micikevicius et al., 2018, arXiv:1710.03740, section 3.2.
 *
 * Nothing is read: a step that overflows runs, and its Program leaves parameters and state as they are. A step number that
 * an optimizer keeps on the host (Adam's) is taken back as soon as the overflow is known: at once on the `cpu` device, on a
 * GPU a few steps later, unless `step` is awaited.
 *
 * @example
 * const scaler = new GradScaler();
 * const loss = autocast(() => criterion.forward(model.forward(x), labels));
 * scaler.scale(loss).backward();
 * scaler.step(optimizer);
 * scaler.update();
 */
export class GradScaler {
  readonly #options: Required<GradScalerOptions>;
  #scale: Tensor | null = null;
  #tracker: Tensor | null = null;
  /** What the two start from. */
  #start: readonly [scale: Tensor | number, tracker: Tensor | number];
  readonly #stages = new Map<AnyOptimizer, Stage>();

  constructor(options: GradScalerOptions = {}) {
    checkOptions("GradScaler", options, ["initScale", "growthFactor", "backoffFactor", "growthInterval", "enabled"]);
    const { initScale = 65536, growthFactor = 2, backoffFactor = 0.5, growthInterval = 2000, enabled = true } = options;
    checkFlag("GradScaler: enabled", enabled);
    checkCount("GradScaler", "growthInterval", growthInterval, 1);
    const wants: readonly (readonly [name: string, value: unknown, isGood: boolean, what: string])[] = [
      ["initScale", initScale, initScale > 0 && initScale < Infinity, "a number of more than 0"],
      ["growthFactor", growthFactor, growthFactor > 1, "a number of more than 1"],
      ["backoffFactor", backoffFactor, backoffFactor > 0 && backoffFactor < 1, "a number between 0 and 1"],
    ];
    for (const [name, value, isGood, what] of wants)
      if (typeof value !== "number" || !isGood)
        throw new ValueError(`GradScaler: ${name} must be ${what}, got ${show(value)}`);
    this.#options = { initScale, growthFactor, backoffFactor, growthInterval, enabled };
    this.#start = [initScale, 0];
  }

  isEnabled(): boolean {
    return this.#options.enabled;
  }

  /** Multiplies a loss, or several, by the scale. */
  scale(outputs: Tensor): Tensor;
  scale(outputs: readonly Tensor[]): Tensor[];
  scale(outputs: Tensor | readonly Tensor[]): Tensor | Tensor[] {
    const list: readonly unknown[] = outputs instanceof Tensor ? [outputs] : outputs;
    for (const output of list)
      if (!(output instanceof Tensor)) throw new ValueError(`GradScaler.scale: expects tensors, got ${show(output)}`);
    if (!this.isEnabled()) return outputs instanceof Tensor ? outputs : [...outputs];
    const scaled = (list as readonly Tensor[]).map((output) => output.mul(this.#on(output.device).to(output.device)));
    return outputs instanceof Tensor ? scaled[0]! : scaled;
  }

  /** Divides the gradients of an optimizer's tensors by the scale before `step` does: to clip or to look at them. */
  unscale_(optimizer: AnyOptimizer): void {
    if (!this.isEnabled()) return;
    const stage = this.#stages.get(optimizer);
    if (stage !== undefined)
      throw new ValueError(
        `GradScaler.unscale_: ${stage.stepped ? "step has been called with" : "it has been called on"} this optimizer since the last update`,
        "call it once a step, before step, and update after",
      );
    this.#stages.set(optimizer, { finite: this.#unscale(optimizer), stepped: false });
  }

  #unscale(optimizer: AnyOptimizer): Map<Device, Tensor> {
    const grads = new Map<Device, Tensor[]>();
    for (const { params } of optimizer.paramGroups)
      for (const param of params) {
        const grad = param.peekGrad();
        if (grad === null) continue;
        if (grad.dtype === "float16")
          throw new DTypeError(
            "GradScaler: a gradient is float16, which loses what scaling saves",
            "keep parameters float32, and compute in float16 with autocast",
          );
        const list = grads.get(param.device);
        if (list === undefined) grads.set(param.device, [grad]);
        else list.push(grad);
      }
    if (grads.size === 0)
      throw new ValueError(
        "GradScaler: no tensor of the optimizer has a gradient",
        "call scaler.scale(loss).backward()",
      );
    const [first] = grads.keys();
    const scale = this.#on(first!);
    return withGrad(false, () => {
      const finite = new Map<Device, Tensor>();
      for (const [device, list] of grads) {
        const inverse = scale.to(device).reciprocal();
        for (const grad of list) grad.mul_(inverse);
        finite.set(device, allFinite(list));
      }
      return finite;
    });
  }

  /**
   * Divides the gradients by the scale, unless `unscale_` has, and lets the optimizer step, which changes nothing where a
   * gradient is infinite or NaN. Awaited, it also waits until it is known which of the two it was.
   *
   * @throws ValueError when called twice without an `update` between, or without gradients; DTypeError for gradients in float16.
   */
  step(optimizer: AnyOptimizer): PromiseLike<void> | undefined {
    if (!this.isEnabled()) return optimizer.step() as PromiseLike<void> | undefined;
    if (this.#stages.get(optimizer)?.stepped === true)
      throw new ValueError(
        "GradScaler.step: it has been called with this optimizer since the last update",
        "call update",
      );
    if (!this.#stages.has(optimizer)) this.unscale_(optimizer);
    const stage = this.#stages.get(optimizer)!;
    const { finite } = stage;
    const before = new Map([...optimizer.state].map(([param, state]) => [param, { ...state }]));
    const waits = assigning(
      (variable, value) => where(finite.get(variable.device)!, value, variable.detach()),
      () => optimizer.step() as PromiseLike<void> | undefined,
    );
    stage.stepped = true;
    if (isTracing()) return waits; // a compiled function reads nothing: there a step that changes nothing counts
    const after = new Map([...optimizer.state].map(([param, state]) => [param, { ...state }]));
    const takeBack = (values: readonly ArrayLike<number>[]): void => {
      if (values.every((data) => data[0] !== 0)) return;
      for (const [param, state] of optimizer.state) uncount(state, before.get(param), after.get(param));
    };
    const reads = [...finite.values()].map((flag) => flag.read());
    if (reads.every((data) => !(data instanceof Promise))) {
      takeBack(reads as readonly ArrayLike<number>[]);
      return waits;
    }
    const known = Promise.all(reads.map((data) => Promise.resolve(data))).then(takeBack);
    known.catch(() => undefined); // the next read tells
    return known;
  }

  /** Shrinks the scale after a step with an infinity or NaN, or lets it grow; or sets it. Once after all steps. */
  update(newScale?: number | Tensor): void {
    if (!this.isEnabled()) return;
    const scale = this.#scale;
    if (scale === null)
      throw new ValueError("GradScaler.update: nothing has been scaled yet", "call scaler.scale(loss)");
    withGrad(false, () => {
      if (newScale !== undefined) {
        if (!(newScale instanceof Tensor) && !(typeof newScale === "number" && newScale > 0))
          throw new ValueError(
            `GradScaler.update: the new scale must be a number of more than 0, got ${show(newScale)}`,
          );
        const value = newScale instanceof Tensor ? newScale.detach() : tensor(newScale, { device: scale.device });
        assign(scale, value.to(scale.dtype).to(scale.device).reshape([]));
      } else {
        const flags = [...this.#stages.values()].flatMap(({ finite }) => [...finite.values()]);
        if (flags.length === 0)
          throw new ValueError(
            "GradScaler.update: no step has been done since the last update",
            "call scaler.step(optimizer)",
          );
        const finite = flags.map((flag) => flag.to(scale.device)).reduce((all, one) => all.logicalAnd(one));
        const [next, tracker] = nextScale(scale, this.#tracker!, finite, this.#options);
        assign(scale, next);
        assign(this.#tracker!, tracker);
      }
    });
    this.#stages.clear();
  }

  /** Reads the scale: 1 of a scaler that is off. Same as get_scale. */
  async getScale(): Promise<number> {
    if (!this.isEnabled()) return 1;
    const scale = this.#scale ?? this.#start[0];
    return scale instanceof Tensor ? scale.item() : scale;
  }

  getGrowthFactor(): number {
    return this.#options.growthFactor;
  }

  getBackoffFactor(): number {
    return this.#options.backoffFactor;
  }

  getGrowthInterval(): number {
    return this.#options.growthInterval;
  }

  /** The scale, how long it has lasted, and the settings, with the values at this moment. */
  stateDict(): GradScalerStateDict | Record<string, never> {
    if (!this.isEnabled()) return {};
    const [scale, tracker] = this.#start;
    const now = (own: Tensor | null, start: Tensor | number, dtype: "float32" | "int32"): Tensor =>
      own?.detach() ?? (start instanceof Tensor ? start.detach() : tensor(start, { dtype }));
    const { growthFactor, backoffFactor, growthInterval } = this.#options;
    return {
      scale: now(this.#scale, scale, "float32"),
      growthTracker: now(this.#tracker, tracker, "int32"),
      growthFactor,
      backoffFactor,
      growthInterval,
    };
  }

  /** Takes over what `stateDict` of another scaler returned. */
  loadStateDict(state: GradScalerStateDict | Record<string, never>): void {
    if (!this.isEnabled()) return;
    const { scale, growthTracker, growthFactor, backoffFactor, growthInterval } = state as GradScalerStateDict;
    if (!(scale instanceof Tensor) || !(growthTracker instanceof Tensor))
      throw new ValueError(
        `GradScaler.loadStateDict: it needs a scale and a growthTracker, got ${show(state)}`,
        "the state is perhaps that of a scaler that was off",
      );
    Object.assign(this.#options, { growthFactor, backoffFactor, growthInterval });
    this.#start = [scale, growthTracker];
    this.#scale = this.#tracker = null;
  }

  /** The scale, on the device where it was first needed. */
  #on(device: Device): Tensor {
    if (this.#scale !== null) return this.#scale;
    const [scale, tracker] = this.#start;
    const own = (start: Tensor | number, dtype: "float32" | "int32"): Tensor =>
      ownTensor(start instanceof Tensor ? start.detach().to(dtype).to(device) : tensor(start, { dtype, device }));
    this.#tracker = own(tracker, "int32");
    return (this.#scale = own(scale, "float32"));
  }
}

/** Takes back what a step that changed nothing did to the numbers of a state, as far as later steps have not set them anew. */
function uncount(state: ParamState, before: ParamState | undefined, after: ParamState | undefined): void {
  for (const [name, is] of Object.entries(after ?? {})) {
    const [was, now] = [before?.[name], state[name]];
    if (typeof is !== "number" || typeof now !== "number" || is === was) continue;
    if (now === is) {
      if (was === undefined) Reflect.deleteProperty(state, name);
      else state[name] = was;
    } else if (name === "step") state[name] = now - 1;
    else if (typeof was === "number" && is !== 0) state[name] = (now * was) / is;
  }
}
