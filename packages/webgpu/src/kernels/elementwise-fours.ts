import { affineKey, type Expression, type LoopKernel, partsOf, type Place, type Store } from "@downhill/core/compiler";
import { Expressions, loadKey } from "../wgsl/expressions.js";
import { nothingFailed } from "../wgsl/failure.js";
import { Position } from "../wgsl/position.js";
import { bitsOf, perWord } from "../wgsl/values.js";
import { Writer } from "../wgsl/writer.js";
import { writeTurns } from "./element-kernel.js";
import type { Dispatch } from "./dispatch.js";
import type { Surroundings } from "./surroundings.js";

/** Turns from which on there are threads enough, though each takes four. */
const manyTurns = 2 ** 14;

/**
 * Writes a nest without reductions that writes in order: each thread takes the turns of four words, of float16 where there
 * is any, and reads and writes four words at a time. Null where bytes are written, or where that does not suit; `own` is the key of a place that counts the turns.
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
  const together = ({ value }: Place): number => perWord(around.dtypeOf(value));
  const suits = (place: Place): boolean => affineKey(place.at) === own && together(place) < 4;
  const read = loads(stores).filter(suits);
  const isPacked = [...read, ...stores.map(({ place }) => place)].some((place) => together(place) === 2);
  const unit = isPacked ? 8 : 4;
  if (turns < manyTurns || turns % unit !== 0 || !stores.every(({ place }) => suits(place))) return null;
  const writer = new Writer(false, true);
  const parameters = read.map(() => writer.name("x"));
  const results = stores.length;
  const type = results === 1 ? "u32" : `array<u32, ${results}>`;
  const lines = writer.block(() => {
    writer.turn = "turn";
    const known = new Map(read.map((place, i) => [loadKey(place), parameters[i]!]));
    const position = new Position(writer, [{ loops: sizes.map((_, i) => i), sizes, flat: "turn" }]);
    const expressions = new Expressions(writer, around, position, { loads: known });
    const bits = stores.map(({ place, value }) => bitsOf(writer, around.dtypeOf(place.value), expressions.of(value)));
    writer.line(`return ${results === 1 ? bits[0]! : `${type}(${bits.join(", ")})`};`);
  });
  const body = lines.map((line) => `  ${line}`).join("\n");
  const header = ["turn: u32", ...parameters.map((name) => `${name}: u32`)].join(", ");
  const compute = writer.use("compute", `fn compute(${header}) -> ${type} {\n${body}\n}`);
  return writeTurns(writer, turns / unit, label, (thread) => {
    const address = (value: number): string => writer.word({ kind: "address", value });
    /** The fours of a value that belong to the thread. */
    const numbers = (place: Place): string[] => {
      const count = unit / (4 * together(place));
      return Array.from({ length: count }, (_, i) => (count === 1 ? thread : `${thread} * ${count}u + ${i}u`));
    };
    const bitsRead = read.map((place) => {
      const fours = numbers(place).map((number) => writer.let(writer.loadFour(address(place.value), number)));
      const word = (i: number): string => `${fours[i >> 2]!}.${"xyzw"[i & 3]!}`;
      // Of a word that holds two, the reader takes the low half.
      return (turn: number): string =>
        together(place) === 1 ? word(turn) : turn % 2 === 0 ? word(turn >> 1) : `(${word(turn >> 1)} >> 16u)`;
    });
    const made = Array.from({ length: unit }, (_, i) =>
      writer.let(`${compute}(${[`${thread} * ${unit}u + ${i}u`, ...bitsRead.map((bits) => bits(i))].join(", ")})`),
    );
    const put = ({ place }: Store, k: number): void => {
      const bits = made.map((lane) => (results === 1 ? lane : `${lane}[${k}]`));
      const words =
        together(place) === 1
          ? bits
          : bits.flatMap((low, i) => (i % 2 === 0 ? [`${low} | (${bits[i + 1]!} << 16u)`] : []));
      numbers(place).forEach((number, i) => {
        writer.storeFour(address(place.value), number, `vec4(${words.slice(4 * i, 4 * i + 4).join(", ")})`);
      });
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
