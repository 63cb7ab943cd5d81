import { affineKey, type Expression, type LoopKernel, partsOf, type Place, type Store } from "@downhill/core/compiler";
import { Expressions, loadKey } from "../wgsl/expressions.js";
import { nothingFailed } from "../wgsl/failure.js";
import { Position } from "../wgsl/position.js";
import { bitsOf, isByte } from "../wgsl/values.js";
import { Writer } from "../wgsl/writer.js";
import { writeTurns } from "./element-kernel.js";
import type { Dispatch } from "./dispatch.js";
import type { Surroundings } from "./surroundings.js";

/** Turns from which on there are threads enough, though each takes four. */
const manyTurns = 2 ** 14;

/**
 * Writes a nest without reductions that writes whole words in order: each thread takes four turns, for which it reads and
 * writes four words at a time. Null where that does not suit; `own` is the key of a place that counts the turns.
 */
export function writeFours(
  kernel: LoopKernel,
  stores: readonly Store[],
  own: string,
  around: Surroundings,
  label: string,
): Dispatch | null {
  const sizes = kernel.loops.map((loop) => loop.size);
  const turns = sizes.reduce((all, size) => all * size, 1);
  const suits = ({ place }: Store): boolean => affineKey(place.at) === own && !isByte(around.dtypeOf(place.value));
  if (turns < manyTurns || turns % 4 !== 0 || !stores.every(suits)) return null;
  const writer = new Writer(false, true);
  const read = loads(stores).filter((place) => affineKey(place.at) === own && !isByte(around.dtypeOf(place.value)));
  const parameters = read.map(() => writer.name("x"));
  const results = stores.length;
  const type = results === 1 ? "u32" : `array<u32, ${results}>`;
  const lines = writer.block(() => {
    writer.turn = "turn";
    const known = new Map(read.map((place, i) => [loadKey(place), parameters[i]!]));
    const position = new Position(writer, [{ loops: sizes.map((_, i) => i), sizes, flat: "turn" }]);
    const expressions = new Expressions(writer, around, position, { loads: known });
    const bits = stores.map(({ place, value }) => bitsOf(around.dtypeOf(place.value), expressions.of(value)));
    writer.line(`return ${results === 1 ? bits[0]! : `${type}(${bits.join(", ")})`};`);
  });
  const body = lines.map((line) => `  ${line}`).join("\n");
  const header = ["turn: u32", ...parameters.map((name) => `${name}: u32`)].join(", ");
  const compute = writer.use("compute", `fn compute(${header}) -> ${type} {\n${body}\n}`);
  return writeTurns(writer, turns / 4, label, (thread) => {
    const address = (value: number): string => writer.word({ kind: "address", value });
    const fours = read.map(({ value }) => writer.let(writer.loadFour(address(value), thread)));
    const lanes = ["x", "y", "z", "w"].map((lane, i) =>
      writer.let(`${compute}(${[`${thread} * 4u + ${i}u`, ...fours.map((four) => `${four}.${lane}`)].join(", ")})`),
    );
    const put = ({ place }: Store, k: number): void => {
      const bits = lanes.map((lane) => (results === 1 ? lane : `${lane}[${k}]`));
      writer.storeFour(address(place.value), thread, `vec4(${bits.join(", ")})`);
    };
    const isUpdate = ({ place }: Store): boolean => around.overwrites(place.value);
    stores.forEach((store, k) => {
      if (!isUpdate(store)) put(store, k);
    });
    if (!stores.some(isUpdate)) return;
    writer.line(`if (${nothingFailed(writer)}) {`);
    stores.forEach((store, k) => {
      if (isUpdate(store)) put(store, k);
    });
    writer.line("}");
  });
}

/** The places that some values are computed from, each once. */
function loads(stores: readonly Store[]): Place[] {
  const met = new Set<Expression>();
  const found = new Map<string, Place>();
  const visit = (expression: Expression): void => {
    if (met.has(expression)) return;
    met.add(expression);
    if (expression.kind === "load") found.set(loadKey(expression.place), expression.place);
    partsOf(expression).forEach(visit);
  };
  stores.forEach(({ value }) => visit(value));
  return [...found.values()];
}
