import { text } from "@downhill/core/engine";

/** A call of a module. */
export interface SummaryRow {
  /** 0 for the model. */
  readonly depth: number;
  /** Its name in the module above, "" for the model. */
  readonly name: string;
  /** Its class. */
  readonly type: string;
  /** The shapes of the tensors that it gives. */
  readonly outputShapes: readonly (readonly number[])[];
  /** Number of elements of its parameters, with those of modules below. */
  readonly parameters: number;
  /** The same without those below. */
  readonly ownParameters: number;
  /** Whether all of them ask for gradients. */
  readonly trainable: boolean;
  /** Multiplications with an addition, without those of rows below. */
  readonly multiplyAdds: number;
  /** Whether the module was called before in the same pass. */
  readonly repeated: boolean;
  /** Whether it called no other module. */
  readonly leaf: boolean;
}

interface Sums {
  readonly rows: readonly SummaryRow[];
  readonly parameters: number;
  readonly trainableParameters: number;
  readonly multiplyAdds: number;
  readonly inputBytes: number;
  readonly passBytes: number;
  readonly parameterBytes: number;
}

const digits = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, ",");

/** A large number with its unit: [number, unit]. */
function scaled(n: number): [string, string] {
  for (const [unit, size] of [
    ["T", 1e12],
    ["G", 1e9],
    ["M", 1e6],
    ["K", 1e3],
  ] as const)
    // prettier-ignore
    if (n >= size) return [(n / size).toFixed(2), ` (${unit})`];
  return [String(n), ""];
}

const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(2);

/** The branches before each row's name, from the depths of the rows that follow. */
function branch(rows: readonly SummaryRow[], i: number): string {
  const { depth } = rows[i]!;
  if (depth === 0) return "";
  let line = "";
  for (let level = 1; level <= depth; level++) {
    let goesOn = false;
    for (let j = i + 1; j < rows.length && rows[j]!.depth >= level; j++) goesOn ||= rows[j]!.depth === level;
    line += level === depth ? (goesOn ? "├─" : "└─") : goesOn ? "│    " : "     ";
  }
  return line;
}

function parametersOf(row: SummaryRow, shownBelow: boolean): string {
  const number = shownBelow ? row.ownParameters : row.parameters;
  if (number === 0) return "--";
  if (row.repeated) return "(recursive)";
  return row.trainable ? digits(number) : `(${digits(number)})`;
}

/** Formats a summary as torchinfo does; frozen parameters stand in brackets. */
export function summaryTable(sums: Sums): string {
  const { rows } = sums;
  const places: number[] = [];
  const cells = rows.map((row, i): string[] => {
    places[row.depth] = (places[row.depth] ?? 0) + 1;
    const name = row.name === "" ? row.type : `${row.type} (${row.name})`;
    const label = row.depth === 0 ? row.type : `${branch(rows, i)}${name}: ${row.depth}-${places[row.depth]!}`;
    const shownBelow = rows[i + 1] !== undefined && rows[i + 1]!.depth > row.depth;
    const shapes = row.outputShapes.map(text).join(", ");
    const adds = row.multiplyAdds === 0 ? "--" : digits(row.multiplyAdds);
    return [label, shapes === "" ? "--" : shapes, parametersOf(row, shownBelow), adds];
  });
  const head = ["Layer (type (name): depth-idx)", "Output Shape", "Param #", "Mult-Adds"];
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((cell) => cell[column]!.length)) + 2);
  const line = (cell: readonly string[]): string =>
    cell.map((entry, column) => entry.padEnd(widths[column]!)).join("").trimEnd(); // prettier-ignore
  const rule = "=".repeat(widths.reduce((sum, width) => sum + width));
  const [adds, unit] = scaled(sums.multiplyAdds);
  return [
    ...[rule, line(head), rule, ...cells.map(line), rule],
    `Total params: ${digits(sums.parameters)}`,
    `Trainable params: ${digits(sums.trainableParameters)}`,
    `Non-trainable params: ${digits(sums.parameters - sums.trainableParameters)}`,
    `Total mult-adds${unit}: ${adds}`,
    rule,
    `Input size (MB): ${megabytes(sums.inputBytes)}`,
    `Forward/backward pass size (MB): ${megabytes(sums.passBytes)}`,
    `Params size (MB): ${megabytes(sums.parameterBytes)}`,
    `Estimated Total Size (MB): ${megabytes(sums.inputBytes + sums.passBytes + sums.parameterBytes)}`,
    rule,
  ].join("\n");
}
