import { cat, DTypeError, type Shape, Tensor, ValueError, zerosLike } from "@downhill/core";
import { assign, outside, ownTensor, refuseReading, show, sizeOf, withGrad, zeroState } from "@downhill/core/engine";
import { ChangeHistory, computed, dot, numbersOf, notPacked, update } from "./change-history.js";
import { OptimizerBase } from "./optimizer-base.js";
import type { OptimizerStateDict } from "./optimizer-state.js";
import type { ParamGroup, ParamGroupInput, Params } from "./param-group.js";
import type { ParamState, StateKinds } from "./param-state.js";
import { checkChoice, checkEach, checkNonNegative, checkPositiveCount } from "./setting-checks.js";
import { type LinePoint, strongWolfe } from "./strong-wolfe.js";

/** The settings of LBFGS. */
export interface LBFGSGroup {
  /** Learning rate: the length of a step, or with a line search of the first one tried. Default 1. */
  lr: number;
  /** Iterations per step. Default 20. */
  maxIter: number;
  /** Evaluations of the closure per step, after which no iteration begins. Default maxIter · 5 / 4. */
  maxEval: number;
  /** A gradient of which no element is greater ends a step. Default 1e-7. */
  toleranceGrad: number;
  /** A change of the loss or of every element that is smaller ends a step. Default 1e-9. */
  toleranceChange: number;
  /** How many changes of the gradient are remembered. Default 100. */
  historySize: number;
  /** How the length of a step is found: "strongWolfe", or null for `lr`. Default null. */
  lineSearchFn: "strongWolfe" | null;
}

/** What `new LBFGS` takes beside its tensors. */
export type LBFGSOptions = Readonly<Partial<LBFGSGroup>>;

/** What LBFGS remembers, under its first tensor; all tensors are one vector of n elements, and k changes are known. */
export interface LBFGSState extends ParamState {
  funcEvals?: number;
  nIter?: number;
  /** The last direction, [n], and how far along it the last step went. */
  d?: Tensor;
  t?: number;
  /** Changes of the gradient and of the values, [k, n], and 1 / (their products), [k]. */
  oldDirs?: Tensor;
  oldStps?: Tensor;
  ro?: Tensor;
  hDiag?: number;
  prevFlatGrad?: Tensor;
  prevLoss?: number;
}

/**
 * L-BFGS, Newton's method with a Hessian from the last changes of the gradient: for small problems, on all data at once.
 * Each step evaluates the closure several times; await it. Takes one group of tensors of one dtype on one device.
 * Whatever the history's length, the same few Programs run. Same as torch.optim.LBFGS.
 * After Nocedal, "Updating quasi-Newton matrices with limited storage", 1980.
 *
 * @example
 * const optimizer = new LBFGS(model.parameters(), { lineSearchFn: "strongWolfe" });
 * const loss = await optimizer.step(() => {
 *   optimizer.zeroGrad();
 *   const loss = criterion.forward(model.forward(x), labels);
 *   loss.backward();
 *   return loss;
 * });
 */
export class LBFGS extends OptimizerBase<LBFGSGroup, LBFGSState> {
  protected override readonly stateKinds: StateKinds<LBFGSState> = {
    funcEvals: "number",
    nIter: "number",
    d: "tensor",
    t: "number",
    oldDirs: "tensor",
    oldStps: "tensor",
    ro: "tensor",
    hDiag: "number",
    prevFlatGrad: "tensor",
    prevLoss: "number",
  };
  #history = new ChangeHistory();

  constructor(params: Params<LBFGSGroup>, options: LBFGSOptions = {}) {
    const maxIter = (options as LBFGSOptions | null)?.maxIter ?? 20;
    const maxEval = Math.floor((maxIter * 5) / 4);
    const tolerances = { toleranceGrad: 1e-7, toleranceChange: 1e-9 };
    super(params, { lr: 1, maxIter: 20, maxEval, ...tolerances, historySize: 100, lineSearchFn: null }, options);
  }

  protected override check(group: Readonly<LBFGSGroup>): void {
    checkEach(this, group, checkNonNegative, "lr", "toleranceGrad", "toleranceChange");
    checkEach(this, group, checkPositiveCount, "maxIter", "maxEval", "historySize");
    checkChoice(this, "lineSearchFn", group.lineSearchFn, [null, "strongWolfe"]);
  }

  override addParamGroup(input: ParamGroupInput<LBFGSGroup>): void {
    if (this.paramGroups.length > 0) throw new ValueError("LBFGS: takes one group of tensors", "pass them as one list");
    super.addParamGroup(input);
    const { params } = this.paramGroups[0]!;
    const odd = params.find(({ dtype, device }) => dtype !== params[0]!.dtype || device !== params[0]!.device);
    if (odd === undefined) return;
    const kind = ({ dtype, device }: Tensor): string => `${dtype} on ${device.name}`;
    throw new DTypeError(`LBFGS: takes tensors of one dtype on one device, got ${kind(params[0]!)} and ${kind(odd)}`);
  }

  /** The shapes of the state, in which -1 is the number of changes. */
  protected override stateShape(name: string): Shape {
    const n = this.#group.params.reduce((all, { shape }) => all + sizeOf(shape), 0);
    return name === "ro" ? [-1] : name === "oldDirs" || name === "oldStps" ? [-1, n] : [n];
  }

  get #group(): ParamGroup<LBFGSGroup> {
    return this.paramGroups[0]!;
  }

  /**
   * Minimises along up to `maxIter` directions, and returns what the closure returned first. If anything throws, tensors
   * and state are as they were before.
   *
   * @param closure Clears the gradients, computes the loss, calls backward and returns the loss, a tensor or a number.
   */
  override async step<T extends Tensor | number>(closure?: () => T | Promise<T>): Promise<T> {
    refuseReading("LBFGS.step");
    if (typeof closure !== "function") {
      throw new ValueError(
        `LBFGS.step: needs a closure that computes the loss, got ${show(closure)}`,
        "await optimizer.step(() => { optimizer.zeroGrad(); const loss = …; loss.backward(); return loss; })",
      );
    }
    this.callHooks(this.preHooks);
    const [restoreValues, restoreState] = [this.#savedValues(), this.#savedState()];
    try {
      const result = await this.#minimize(closure);
      this.stepCount++;
      this.callHooks(this.postHooks);
      return result;
    } catch (error) {
      restoreValues();
      restoreState();
      throw error;
    }
  }

  async #minimize<T extends Tensor | number>(closure: () => T | Promise<T>): Promise<T> {
    const { params, lr, maxIter, maxEval, toleranceGrad, toleranceChange, lineSearchFn } = this.#group;
    const state: LBFGSState = this.state.get(params[0]!) ?? {};
    this.state.set(params[0]!, state);
    let evaluations = 0;
    let first: T | undefined;
    const evaluate = async (): Promise<{ loss: number; grad: Tensor }> => {
      const result = await outside(() => withGrad(true, closure));
      const loss: unknown = result instanceof Tensor ? await result.item() : result;
      if (typeof loss !== "number")
        throw new ValueError(`LBFGS.step: the closure must return the loss, got ${show(result)}`);
      first ??= result;
      evaluations++;
      state.funcEvals = (state.funcEvals ?? 0) + 1;
      return { loss, grad: this.#gradient() };
    };
    const greatest = async (x: Tensor): Promise<number> => (await numbersOf(() => [x.abs().amax()]))[0]!;

    let { loss, grad } = await evaluate();
    if ((await greatest(grad)) <= toleranceGrad) return first!;
    for (let n = 1; n <= maxIter; n++) {
      state.nIter = (state.nIter ?? 0) + 1;
      const isFirst = state.nIter === 1;
      const d = (state.d ??= zeroState(grad));
      if (!isFirst) await this.#remember(grad, state);
      this.#history.turn(d, grad, (state.hDiag ??= 1));
      this.#keep(grad, state);
      state.prevLoss = loss;

      const [slope, length, sum] = (await numbersOf(() => [dot(grad, d), d.abs().amax(), grad.abs().sum()])) as [
        number,
        number,
        number,
      ];
      state.t = isFirst ? Math.min(1, 1 / sum) * lr : lr;
      if (slope > -toleranceChange) break;

      let optimal = false;
      if (lineSearchFn === null) {
        this.#place(params, state.t, d);
        // After the last iteration nobody asks for the loss.
        if (n < maxIter) {
          ({ loss, grad } = await evaluate());
          optimal = (await greatest(grad)) <= toleranceGrad;
        }
      } else {
        const values = this.#values();
        const along = async (t: number): Promise<LinePoint<Tensor>> => {
          this.#place(values, t, d);
          const here = await evaluate();
          return { t, ...here, slope: (await numbersOf(() => [dot(here.grad, d)]))[0]! };
        };
        const start = { t: 0, loss, grad, slope };
        const { point } = await strongWolfe(along, start, state.t, length, toleranceChange);
        ({ t: state.t, loss, grad } = point);
        this.#place(values, state.t, d);
        optimal = (await greatest(grad)) <= toleranceGrad;
      }
      if (evaluations >= maxEval || optimal) break;
      if (Math.abs(state.t) * length <= toleranceChange || Math.abs(loss - state.prevLoss) < toleranceChange) break;
    }
    return first!;
  }

  /** The gradients of all tensors as one vector. */
  #gradient(): Tensor {
    const parts = (): Tensor[] => this.#group.params.map((param) => (param.peekGrad() ?? zerosLike(param)).reshape(-1));
    return computed(() => cat(parts()));
  }

  /** The tensors' values, in memory of their own. */
  #values(): Tensor[] {
    return this.#group.params.map((param) => ownTensor(param.detach()));
  }

  #savedValues(): () => void {
    const values = this.#values();
    return () => {
      this.#place(values);
    };
  }

  #savedState(): () => void {
    const first = this.#group.params[0]!;
    const history = this.#history.copy();
    const state = this.state.get(first);
    // Only these change in place.
    const { d, prevFlatGrad } = state ?? {};
    const vectors = d && prevFlatGrad ? { d: ownTensor(d), prevFlatGrad: ownTensor(prevFlatGrad) } : {};
    const saved = state && { ...state, ...vectors };
    return () => {
      this.#history = history;
      if (saved === undefined) this.state.delete(first);
      else this.state.set(first, saved);
    };
  }

  /** Sets the tensors to `values` + t · d. */
  #place(values: readonly Tensor[], t: number = 0, d?: Tensor): void {
    update(() => {
      let offset = 0;
      this.#group.params.forEach((param, i) => {
        const size = sizeOf(param.shape);
        const part = d?.narrow(0, offset, size).reshape(param.shape);
        assign(param, part === undefined ? values[i]!.clone() : values[i]!.add(part.mul(t)));
        offset += size;
      });
    });
  }

  /** Takes the last step's change into the history, unless the gradient did not rise along it. */
  async #remember(grad: Tensor, state: LBFGSState): Promise<void> {
    const y = (): Tensor => grad.sub(state.prevFlatGrad!);
    const s = (): Tensor => state.d!.mul(state.t!);
    const [ys, yy] = (await numbersOf(() => [dot(y(), s()), dot(y(), y())])) as [number, number];
    if (!(ys > 1e-10)) return;
    this.#history.add(y, s, this.#group.historySize);
    state.hDiag = ys / yy;
  }

  #keep(grad: Tensor, state: LBFGSState): void {
    const kept = (state.prevFlatGrad ??= zeroState(grad));
    update(() => {
      assign(kept, grad.clone());
    });
  }

  override stateDict(): OptimizerStateDict {
    const state = this.state.get(this.#group.params[0]!);
    if (state === undefined) return super.stateDict();
    Object.assign(state, this.#history.packed());
    const dict = super.stateDict();
    Object.assign(state, notPacked);
    return dict;
  }

  override loadStateDict(dict: OptimizerStateDict): void {
    super.loadStateDict(dict);
    const state = this.state.get(this.#group.params[0]!);
    this.#history = new ChangeHistory(state);
    if (state !== undefined) Object.assign(state, notPacked);
  }
}
