import type { ExplainedKernel, ExplainedProgram, ExplainedValue } from "./explanation.js";

const width = 100;

/** Three digits and a unit: `25.7 M`, `641 KiB`. */
function formatNumber(value: number, base: number, units: readonly string[]): string {
  let power = 0;
  let rest = value;
  for (; rest >= base && power < units.length - 1; power++) rest /= base;
  return `${power === 0 ? rest : rest.toFixed(rest < 10 ? 2 : rest < 100 ? 1 : 0)} ${units[power]!}`.trimEnd();
}

const formatCount = (count: number): string => formatNumber(count, 1000, ["", "k", "M", "G", "T"]);
const formatBytes = (bytes: number): string => formatNumber(bytes, 1024, ["B", "KiB", "MiB", "GiB"]);

const plural = (count: number, word: string): string => `${count} ${word}${count === 1 ? "" : "s"}`;
const bytesOf = (values: readonly ExplainedValue[]): string =>
  formatBytes(values.reduce((all, { bytes }) => all + bytes, 0));

/** Sizes of the loops: `64 × 256`, and those that reduce: `64 over 10`. */
function formatLoops({ loops, turns }: ExplainedKernel): string {
  if (turns !== undefined) return plural(turns, "turn");
  const sizes = (reduces: boolean): string =>
    loops
      .filter((loop) => loop.reduces === reduces)
      .map((loop) => loop.size)
      .join(" × ");
  const [kept, reduced] = [sizes(false), sizes(true)];
  if (reduced === "") return kept === "" ? "once" : kept;
  return `${kept}${kept === "" ? "" : " "}over ${reduced}`;
}

/** Names, those that come several times with their number: `mul ×3`. */
function formatOps(ops: readonly string[]): string[] {
  const counts = new Map<string, number>();
  for (const op of ops) counts.set(op, (counts.get(op) ?? 0) + 1);
  return [...counts].map(([op, count]) => (count === 1 ? op : `${op} ×${count}`));
}

const formatValue = ({ name, shape, dtype }: ExplainedValue): string =>
  `${name} ${dtype === "float32" ? "" : dtype}[${shape.join(", ")}]`;

/** Fills lines of at most `columns` characters with parts. */
function wrap(parts: readonly string[], columns: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const part of parts) {
    if (line !== "" && line.length + 1 + part.length > columns) {
      lines.push(line);
      line = part;
    } else line += (line === "" ? "" : " ") + part;
  }
  return [...lines, line];
}

/** The same with a comma after each part but the last. */
const listed = (parts: readonly string[]): string[] =>
  parts.map((part, i) => (i < parts.length - 1 ? `${part},` : part));

/** What a Kernel reads, an arrow, what it writes, and which inputs it updates. */
function formatFlow({ reads, writes }: ExplainedKernel): string[] {
  const isUpdate = ({ name }: ExplainedValue): boolean => name.startsWith("in");
  const made = listed(writes.filter((value) => !isUpdate(value)).map(formatValue));
  const updates = writes.filter(isUpdate);
  const inPlace = updates.filter((value) => value.inPlace).map(({ name }) => name);
  const copied = updates.filter((value) => !value.inPlace).map(({ name }) => name);
  const flow = listed(reads.map(formatValue));
  if (made.length > 0) flow.push(`→ ${made[0]!}`, ...made.slice(1));
  if (inPlace.length > 0) flow.push("→ updates", ...listed(inPlace));
  if (copied.length > 0) flow.push("→ updates, with a copy at the end,", ...listed(copied));
  return flow;
}

/** One line of a table; the last cell stands left, and is wrapped below itself. */
type Row = readonly [number: string, kind: string, loops: string, ...numbers: string[]];

const rowOf = (kernel: ExplainedKernel, number: string): Row => [
  number,
  kernel.interpreted ? "interpreted" : kernel.kind,
  formatLoops(kernel),
  formatCount(kernel.operations),
  formatBytes(kernel.bytesRead),
  formatBytes(kernel.bytesWritten),
];

/** Kernels with their numbers, those inside of a recurrence behind it: 3, 3.1, 3.2, 4. */
const numbered = (kernels: readonly ExplainedKernel[], prefix = ""): (readonly [string, ExplainedKernel])[] =>
  kernels.flatMap((kernel, k) => {
    const number = `${prefix}${k + 1}`;
    return [[number, kernel] as const, ...numbered(kernel.inside ?? [], `${number}.`)];
  });

function formatKernels(given: readonly ExplainedKernel[]): string[] {
  const list = numbered(given);
  const kernels = list.map(([, kernel]) => kernel);
  const rows = [
    ["#", "kernel", "loops", "operations", "read", "written"] as Row,
    ...list.map(([number, kernel]) => rowOf(kernel, number)),
  ];
  const widths = rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)));
  const heads = rows.map((row) =>
    row.map((cell, i) => (i === 1 || i === 2 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!))).join("  "),
  );
  const indent = " ".repeat(widths[0]! + 2);
  const lines = [`${heads[0]!}  ops`];
  kernels.forEach((kernel, k) => {
    const head = heads[k + 1]!;
    const [first, ...rest] = wrap(listed(formatOps(kernel.ops)), Math.max(width - head.length - 2, 16));
    lines.push(`${head}  ${first!}`, ...rest.map((line) => " ".repeat(head.length + 2) + line));
    lines.push(...wrap(formatFlow(kernel), width - indent.length).map((line) => indent + line));
  });
  return lines;
}

function formatProgram(program: ExplainedProgram, number: number): string[] {
  const { kernels, inputs, outputs, runs, replays } = program;
  const results = outputs.filter(({ name }) => name.startsWith("out"));
  const updates = outputs.filter(({ name }) => name.startsWith("in"));
  const history = [
    program.tier === "compiled" ? `compiled in ${program.compileMs.toFixed(1)} ms` : "interpreted",
    program.isNew ? "new" : "seen before",
    `ran ${runs === 1 ? "once" : `${runs} times`}${replays > 0 ? `, ${replays === runs ? "" : `${replays} `}replayed` : ""}`,
  ];
  const memory = [
    `reads ${plural(inputs.length, "input")} (${bytesOf(inputs)}) and ${plural(program.numbers, "number")}`,
    ...(updates.length > 0 ? [`updates ${updates.length} (${bytesOf(updates)})`] : []),
    ...(results.length > 0 ? [`returns ${results.length} (${bytesOf(results)})`] : []),
    ...(program.arenaBytes > 0
      ? [`arena ${formatBytes(program.arenaBytes)} (at least ${formatBytes(program.lowerBound)})`]
      : []),
    ...(program.scratchBytes > 0 ? [`scratch ${formatBytes(program.scratchBytes)}`] : []),
  ];
  const title = `Program ${number} on ${program.device}: ${plural(program.nodes, "op")} in ${plural(kernels.length, "kernel")}`;
  return [
    [title, ...history].join(" · "),
    ...wrap(listed(memory), width - 2).map((line) => `  ${line}`),
    "",
    ...formatKernels(kernels),
  ];
}

/** Writes an explanation for a terminal of 100 columns. */
export function formatExplanation(programs: readonly ExplainedProgram[]): string {
  if (programs.length === 0) return "explain: nothing was computed";
  const sum = (of: (program: ExplainedProgram) => number): number =>
    programs.reduce((all, program) => all + program.runs * of(program), 0);
  const runs = sum(() => 1);
  const totals = [
    `explain: ${plural(programs.length, "Program")}, ${plural(runs, "run")}`,
    plural(
      sum(({ kernels }) => kernels.length),
      "kernel",
    ),
    `${formatCount(sum(({ operations }) => operations))} operations`,
    `${formatBytes(sum(({ bytesRead }) => bytesRead))} read`,
    `${formatBytes(sum(({ bytesWritten }) => bytesWritten))} written`,
  ];
  const hint = programs.some(({ tier, isNew }) => isNew && tier === "interpreted")
    ? ["", "What is small may be interpreted the first time it runs: explain it once more to see what fuses."]
    : [];
  return [
    totals.join(" · "),
    ...programs.flatMap((program, k) => ["", ...formatProgram(program, k + 1)]),
    ...hint,
  ].join("\n");
}
