import type { RecordedNode } from "@downhill/core";

/** How a leaf or a named Node is written; `whole`, where all its elements go into what is written. */
export type Word = (place: number, whole: boolean) => string | null;

/** How tightly an expression holds together: a sum, a product, a sign or power, a word. */
type Bond = 1 | 2 | 3 | 4;

interface Text {
  readonly text: string;
  readonly bond: Bond;
}

/** Ops whose every result comes from many elements. */
const gathering: ReadonlySet<string> = new Set(["sum", "prod", "max", "min", "matmul"]);
const shown: ReadonlySet<string> = new Set(["copy", "cast", "reshape", "permute", "expand"]);

/** The Node whose values a Node shows: past copies, and the same elements in other dims. */
export function resolve(nodes: readonly RecordedNode[], place: number): number {
  const { op, inputs, name } = nodes[place]!;
  return name === null && shown.has(op) && inputs.length === 1 ? resolve(nodes, inputs[0]!) : place;
}

/** Writes how a Node was computed, down to the Nodes that `word` has a word for. */
export function formulaOf(nodes: readonly RecordedNode[], place: number, word: Word): string {
  return writeOp(nodes, place, word, false).text;
}

function write(nodes: readonly RecordedNode[], at: number, word: Word, whole: boolean): Text {
  const place = resolve(nodes, at);
  const known = word(place, whole);
  return known === null ? writeOp(nodes, place, word, whole) : { text: known, bond: bondOf(known) };
}

function writeOp(nodes: readonly RecordedNode[], place: number, word: Word, whole: boolean): Text {
  const node = nodes[place]!;
  const inputs = node.inputs.map((input) => write(nodes, input, word, whole || gathering.has(node.op)));
  const [x, y] = inputs;
  const held = ({ text, bond }: Text, least: Bond): string => (bond < least ? `(${text})` : text);
  switch (node.op) {
    case "add":
      return { text: `${held(x!, 1)} + ${held(y!, 2)}`, bond: 1 };
    case "sub":
      return { text: `${held(x!, 1)} - ${held(y!, 2)}`, bond: 1 };
    case "mul":
      if (y === undefined) return { text: `${held(x!, 4)}²`, bond: 3 };
      return { text: `${held(x!, 2)} · ${held(y, 2)}`, bond: 2 };
    case "div":
      return { text: `${held(x!, 2)} / ${held(y!, 3)}`, bond: 2 };
    case "neg":
      return { text: `-${held(x!, 3)}`, bond: 1 };
    case "sqrt":
      return { text: `√${held(x!, 4)}`, bond: 3 };
    case "abs":
      return { text: `|${x!.text}|`, bond: 4 };
    default:
      if (inputs.length === 1 && shown.has(node.op)) return x!;
      return { text: `${node.op}(${inputs.map(({ text }) => text).join(", ")})`, bond: 4 };
  }
}

/** Of a word that is a formula itself, such as `lr / (1 - betas[0] ^ step)` or a negative number. */
function bondOf(word: string): Bond {
  let depth = 0;
  let bond: Bond = 4;
  for (let i = 0; i < word.length; i++) {
    const sign = word[i]!;
    if (sign === "(" || sign === "[") depth++;
    else if (sign === ")" || sign === "]") depth--;
    else if (depth > 0) continue;
    else if (sign === "+" || (sign === "-" && word[i - 1] !== "e")) return 1;
    else if (sign === "·" || sign === "/") bond = 2;
    else if (bond === 4 && (sign === "^" || sign === "√")) bond = 3;
  }
  return bond;
}
