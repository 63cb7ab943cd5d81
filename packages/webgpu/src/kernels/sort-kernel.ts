import { Writer } from "../wgsl/writer.js";
import { type Dispatch, numberOfGroup, spread } from "./dispatch.js";
import { writeTurns } from "./element-kernel.js";

/** What is sorted, in WGSL, u32: by keys, equal ones by the places where they stood. No two have one place. */
export interface SortRecord {
  readonly key: string;
  readonly place: string;
}

/** Lines to be sorted, each for itself. */
export interface Sort {
  readonly lines: number;
  readonly length: number;
  /** How many of the first in order are wanted. */
  readonly count: number;
  /** Where its working memory begins, in words from that of the Kernel. */
  readonly scratch: number;
  /** Writes the key of element `at` of a line; 0xffffffff may be one. */
  readonly key: (writer: Writer, line: string, at: string) => string;
  /** Takes the record that stands at `rank` of a line, once for each that is wanted. */
  readonly put: (writer: Writer, line: string, rank: string, record: SortRecord) => void;
  readonly label: string;
}

/** Records that a workgroup sorts in its memory (8 KiB), and how many it takes at least if lines are shorter. */
const mostInGroup = 1024;
const leastInGroup = 512;
/** For so few places a line, the best of each part of it go on to the next round; for more, sorted parts are merged. */
const fewPlaces = 256;

/** Where records of all lines lie between two passes: keys, then places. */
interface Region {
  readonly start: number;
  readonly length: number;
}

/** A pass in which each workgroup sorts a part of a line, or several lines. */
interface Round {
  readonly lines: number;
  readonly length: number;
  /** How many of the first of each part go on. */
  readonly keep: number;
  readonly read: (writer: Writer, line: string, at: string) => SortRecord;
  readonly put: (writer: Writer, line: string, rank: string, record: SortRecord) => void;
}

const partOf = (length: number): number => Math.min(mostInGroup, 2 ** Math.ceil(Math.log2(Math.max(length, 2))));

/** Sorts lines: parts of them in workgroup memory, then by merging sorted parts two by two. */
export function writeSort(sort: Sort): { dispatches: Dispatch[]; words: number } {
  const { lines, count, label } = sort;
  const dispatches: Dispatch[] = [];
  let { length } = sort;
  let read: Round["read"] = (writer, line, at) => ({ key: sort.key(writer, line, at), place: at });
  let used = 0;
  const region = (perLine: number): Region => {
    const start = sort.scratch + (used % 2) * regionWords;
    used++;
    return { start, length: perLine };
  };
  const few = count <= fewPlaces;
  const regionWords = 2 * lines * (few ? Math.ceil(length / mostInGroup) * count : length);
  while (few && length > mostInGroup) {
    const parts = Math.ceil(length / mostInGroup);
    const next = region(parts * count);
    const put = putInto(next, lines);
    dispatches.push(writeRound({ lines, length, keep: count, read, put }, `${label} (sort)`));
    read = readFrom(next, lines);
    length = next.length;
  }
  if (length <= mostInGroup) {
    dispatches.push(writeRound({ lines, length, keep: count, read, put: sort.put }, `${label} (sort)`));
    return { dispatches, words: Math.min(used, 2) * regionWords };
  }
  let from = region(length);
  const put = putInto(from, lines);
  dispatches.push(writeRound({ lines, length, keep: mostInGroup, read, put }, `${label} (sort)`));
  for (let run = mostInGroup; run < length; run *= 2) {
    const isLast = 2 * run >= length;
    const to = isLast ? null : region(length);
    dispatches.push(writeMerge(sort, run, from, to === null ? sort.put : putInto(to, lines), to === null));
    from = to ?? from;
  }
  return { dispatches, words: Math.min(used, 2) * regionWords };
}

const wordOf = (writer: Writer, { start, length }: Region, line: string, at: string): string =>
  writer.let(`${writer.word({ kind: "scratch" })} + ${start}u + ${line} * ${length}u + ${at}`);

const readFrom =
  (region: Region, lines: number): Round["read"] =>
  (writer, line, at) => {
    const word = wordOf(writer, region, line, at);
    const key = writer.let(writer.load(word));
    return { key, place: writer.let(writer.load(`${word} + ${lines * region.length}u`)) };
  };

const putInto =
  (region: Region, lines: number): Round["put"] =>
  (writer, line, at, { key, place }) => {
    const word = wordOf(writer, region, line, at);
    writer.store(word, key);
    writer.store(`${word} + ${lines * region.length}u`, place);
  };

/** A bitonic sorting network (Batcher, "Sorting networks and their applications", 1968) for each part of a line. */
function writeRound({ lines, length, keep, read, put }: Round, label: string): Dispatch {
  const part = partOf(length);
  const perGroup = Math.max(1, leastInGroup / part);
  const size = part * perGroup;
  const threads = Math.min(256, size / 2);
  const parts = Math.ceil(length / part);
  const writer = new Writer();
  writer.declare(`var<workgroup> keys: array<u32, ${size}>;`);
  writer.declare(`var<workgroup> places: array<u32, ${size}>;`);
  const group = writer.let(numberOfGroup);
  const each = (body: (line: string, at: string, number: string) => void): void => {
    writer.line(`for (var s = t; s < ${size}u; s += ${threads}u) {`);
    const number = writer.let(`${group} * ${perGroup}u + s / ${part}u`);
    body(writer.let(`${number} / ${parts}u`), writer.let(`s % ${part}u`), writer.let(`${number} % ${parts}u`));
    writer.line("}");
  };
  each((line, i, number) => {
    const at = writer.let(`${number} * ${part}u + ${i}`);
    // What fills up the last part comes behind everything.
    writer.line("var key = 0xffffffffu;");
    writer.line("var place = 0xffffffffu;");
    writer.line(`if (${line} < ${lines}u && ${at} < ${length}u) {`);
    const record = read(writer, line, at);
    writer.line(`key = ${record.key};`);
    writer.line(`place = ${record.place};`);
    writer.line("}");
    writer.line("keys[s] = key;");
    writer.line("places[s] = place;");
  });
  // A bound that compilers do not know: they would write each step of the network out.
  writer.line(`for (var k = 2u; k <= ${writer.word({ kind: "bits", bits: part })}; k *= 2u) {`);
  writer.line("for (var j = k / 2u; j > 0u; j /= 2u) {");
  writer.line("workgroupBarrier();");
  writer.line(`for (var q = t; q < ${size / 2}u; q += ${threads}u) {`);
  writer.line("let a = 2u * q - (q & (j - 1u));");
  writer.line("let b = a + j;");
  writer.line("let ka = keys[a];");
  writer.line("let kb = keys[b];");
  writer.line("let pa = places[a];");
  writer.line("let pb = places[b];");
  writer.line("let turned = kb < ka || (kb == ka && pb < pa);");
  writer.line(`if (turned == ((a & ${part - 1}u & k) == 0u)) {`);
  for (const swap of ["keys[a] = kb;", "keys[b] = ka;", "places[a] = pb;", "places[b] = pa;"]) writer.line(swap);
  for (let i = 0; i < 4; i++) writer.line("}");
  writer.line("workgroupBarrier();");
  each((line, i, number) => {
    const rank = writer.let(`${number} * ${Math.min(keep, part)}u + ${i}`);
    const limit = keep < part ? `${i} < ${keep}u` : `${rank} < ${length}u`;
    writer.line(`if (${line} < ${lines}u && ${limit}) {`);
    put(writer, line, rank, { key: "keys[s]", place: "places[s]" });
    writer.line("}");
  });
  const workgroups = [...spread(Math.ceil((lines * parts) / perGroup)), 1] as const;
  return { label, code: writer.text(threads), workgroups, words: writer.words };
}

/** Merges sorted runs two by two: a record's rank is its own in its run, and how many of the other run come before it. */
function writeMerge(
  { lines, length, count, label }: Sort,
  run: number,
  from: Region,
  put: Round["put"],
  isLast: boolean,
): Dispatch {
  const writer = new Writer();
  return writeTurns(writer, lines * length, `${label} (merge)`, (turn) => {
    const line = lines === 1 ? "0u" : writer.let(`${turn} / ${length}u`);
    const at = lines === 1 ? turn : writer.let(`${turn} % ${length}u`);
    const own = readFrom(from, lines)(writer, line, at);
    const start = writer.let(`${at} / ${run}u * ${run}u`);
    const other = writer.let(`${start} ^ ${run}u`);
    // Where the other run begins and ends, as far as there is one.
    writer.line(`var low = min(${other}, ${length}u);`);
    writer.line(`var high = min(${other} + ${run}u, ${length}u);`);
    const first = writer.let("low");
    writer.line("while (low < high) {");
    const middle = writer.let("(low + high) / 2u");
    const met = readFrom(from, lines)(writer, line, middle);
    writer.line(
      `if (${met.key} < ${own.key} || (${met.key} == ${own.key} && ${met.place} < ${own.place})) { low = ${middle} + 1u; }`,
    );
    writer.line(`else { high = ${middle}; }`);
    writer.line("}");
    const rank = writer.let(`min(${start}, ${other}) + (${at} - ${start}) + (low - ${first})`);
    if (isLast && count < length) writer.line(`if (${rank} < ${count}u) {`);
    put(writer, line, rank, own);
    if (isLast && count < length) writer.line("}");
  });
}
