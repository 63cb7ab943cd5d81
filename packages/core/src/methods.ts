import * as backward from "./autograd/backward.js";
import * as softmax from "./ops/composite/softmax.js";
import * as statistics from "./ops/composite/statistics.js";
import * as convert from "./ops/convert.js";
import * as diagonals from "./ops/diagonals.js";
import * as elementwise from "./ops/elementwise.js";
import * as extremes from "./ops/extremes.js";
import * as changes from "./ops/in-place.js";
import { at, type Indexed } from "./ops/at.js";
import * as indexPut from "./ops/index-put.js";
import * as indexing from "./ops/indexing.js";
import * as matmul from "./ops/matmul.js";
import * as movement from "./ops/movement.js";
import * as padding from "./ops/padding.js";
import * as partition from "./ops/partition.js";
import * as reduction from "./ops/reduction.js";
import * as repetition from "./ops/repetition.js";
import * as scan from "./ops/scan.js";
import * as selection from "./ops/selection.js";
import * as sorting from "./ops/sorting.js";
import type { Value } from "./ops/operand.js";
import type { Index } from "./ops/subscript.js";
import { where } from "./ops/where.js";
import { Tensor } from "./tensor.js";

/** A free function of a tensor as a method: its first parameter becomes `this`. Two overloads are kept. */
type Method<F> = F extends { (x: infer X, ...rest: infer A): infer R; (x: infer X2, ...rest: infer A2): infer R2 }
  ? Tensor extends X & X2
    ? { (...rest: A): R; (...rest: A2): R2 }
    : never
  : never;
type Methods<Family> = { [Name in keyof Family]: Method<Family[Name]> };
type InPlaceMethods<Family> = { [Name in keyof Family & string as `${Name}_`]: Method<Family[Name]> };

declare module "./tensor.js" {
  /** Ops as methods: `x.exp()` is `exp(x)`, and `x.exp_()` lets x stand for the result. */
  interface Tensor
    extends
      Pick<Methods<typeof backward>, "backward">,
      Methods<typeof convert>,
      Methods<typeof elementwise>,
      InPlaceMethods<typeof elementwise>,
      Methods<typeof movement>,
      Methods<typeof padding>,
      Methods<typeof partition>,
      Methods<typeof repetition>,
      Methods<typeof diagonals>,
      Methods<typeof reduction>,
      Methods<typeof extremes>,
      Methods<typeof scan>,
      Methods<typeof softmax>,
      Methods<typeof statistics>,
      Methods<typeof matmul>,
      Methods<typeof indexing>,
      Methods<typeof indexPut>,
      InPlaceMethods<Pick<typeof indexing, "indexAdd" | "indexFill" | "scatter" | "scatterAdd">>,
      InPlaceMethods<typeof indexPut>,
      Methods<typeof selection>,
      Methods<typeof sorting>,
      Pick<Methods<typeof changes>, "copy_" | "fill_" | "zero_"> {
    /** Reads `x[…]` as Python does; see `at`. */
    at<const I extends readonly Index[]>(...indices: I): Indexed<I>;
    /** Keeps this tensor where the condition holds and takes y elsewhere; see `where`. Same as torch.Tensor.where. */
    where(condition: Tensor, y: Value): Tensor;
  }
}

type Free = (x: Tensor, ...rest: unknown[]) => unknown;

/** Puts functions of a tensor on Tensor's prototype as methods. */
function install(family: object): void {
  for (const [name, fn] of Object.entries(family) as [string, Free][]) {
    // Named, so that stacks show Tensor.softmax.
    const method = {
      [name](this: Tensor, ...rest: unknown[]): unknown {
        return fn(this, ...rest);
      },
    };
    Object.defineProperty(Tensor.prototype, name, { value: method[name], writable: true, configurable: true });
  }
}

/** Adds the in-place form, `name_`, of each op of a family. */
function installInPlace(family: object): void {
  install(
    Object.fromEntries(
      (Object.entries(family) as [string, (x: Tensor, ...rest: unknown[]) => Tensor][]).map(([name, fn]) => [
        `${name}_`,
        changes.inPlace(`${name}_`, fn),
      ]),
    ),
  );
}

for (const family of [
  convert,
  elementwise,
  movement,
  padding,
  partition,
  repetition,
  diagonals,
  reduction,
  extremes,
  scan,
  softmax,
  statistics,
  matmul,
  indexing,
  indexPut,
  selection,
  sorting,
  { at },
])
  install(family);
installInPlace(elementwise);
installInPlace({
  ...indexPut,
  indexAdd: indexing.indexAdd,
  indexFill: indexing.indexFill,
  scatter: indexing.scatter,
  scatterAdd: indexing.scatterAdd,
});
install({ where: (x: Tensor, condition: unknown, y: unknown) => where(condition as Tensor, x, y as Value) });
install({ backward: backward.backward, copy_: changes.copy_, fill_: changes.fill_, zero_: changes.zero_ });
// What Node's console.log shows. A symbol key cannot stand in the class under isolatedDeclarations.
Object.defineProperty(Tensor.prototype, Symbol.for("nodejs.util.inspect.custom"), {
  value(this: Tensor): string {
    return this.toString();
  },
});
