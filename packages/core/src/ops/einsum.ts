import { DTypeError, ShapeError, show, ValueError } from "../errors.js";
import { sizeOf, text } from "../shape.js";
import { composite, type Tensor } from "../tensor.js";
import { cast } from "./cast.js";
import { checkTensor } from "./define.js";
import { commonDType } from "./operand.js";
import { multiply } from "./product.js";
import { slice, toExpanded, toOrder, toShape } from "./view.js";

/** A tensor and the label of each of its dims: a letter, or `~i` for dim i from the right of what an ellipsis holds. */
interface Labelled {
  readonly x: Tensor;
  readonly labels: readonly string[];
}

interface Terms {
  readonly inputs: readonly string[];
  /** Null when the equation has no arrow. */
  readonly output: string | null;
}

/**
 * Sums products of elements, as an equation of index letters says: letters that the output lacks are summed, `...` stands
 * for any further dims, which broadcast, and a letter twice in one term is a diagonal. Without `->` the output is the dims
 * of the ellipsis, then the letters that stand once, in alphabetical order (capitals first). Several tensors are
 * multiplied from left to right, by matrix products. Gradients: grad times the other terms, summed to each term's letters.
 * Same as torch.einsum.
 *
 * @throws ValueError for an equation that cannot be read; ShapeError when it does not fit the tensors.
 *
 * @example
 * const [queries, keys, matrix] = [randn([2, 4, 6, 8]), randn([2, 4, 6, 8]), randn([3, 3])];
 * einsum("bhqd,bhkd->bhqk", queries, keys); // attention scores
 * einsum("ii->i", matrix); // its diagonal
 */
export const einsum: (equation: string, ...tensors: readonly Tensor[]) => Tensor = composite(
  (equation: string, ...tensors: readonly Tensor[]) => {
    const terms = parse(equation);
    const says = `einsum(${show(equation)})`;
    if (tensors.length === 0) throw new ValueError(`${says}: needs at least one tensor`);
    if (terms.inputs.length !== tensors.length) {
      throw new ValueError(
        `${says}: has ${terms.inputs.length} terms for ${tensors.length} tensors`,
        "separate the terms with commas, one per tensor",
      );
    }
    for (const x of tensors) {
      checkTensor("einsum", x);
      if (x.dtype !== tensors[0]!.dtype) {
        throw new DTypeError(
          `${says}: needs tensors of one dtype, got ${tensors.map((t) => t.dtype).join(" and ")}`,
          "convert one with x.to(dtype)",
        );
      }
    }
    const operands = tensors.map((x, k) => ({ x, labels: labelsOf(says, terms.inputs[k]!, x) }));
    checkSizes(says, operands);
    const output = outputOf(says, terms, operands);
    const plain = operands.map(diagonals);
    let result = plain[0]!;
    for (let k = 1; k < plain.length; k++) {
      const later = new Set([...output, ...plain.slice(k + 1).flatMap((operand) => operand.labels)]);
      result = contract(says, result, plain[k]!, later);
    }
    const { x, labels } = sumOver(result, (label) => !output.includes(label));
    return toOrder(
      x,
      output.map((label) => labels.indexOf(label)),
    );
  },
);

function parse(equation: unknown): Terms {
  if (typeof equation !== "string") {
    throw new ValueError(
      `einsum: the equation must be a string, got ${show(equation)}`,
      'write einsum("ij,jk->ik", a, b)',
    );
  }
  const sides = equation.replaceAll(" ", "").split("->");
  if (sides.length > 2) throw new ValueError(`einsum(${show(equation)}): more than one "->"`);
  const inputs = sides[0]!.split(",");
  const output = sides[1] ?? null;
  for (const term of output === null ? inputs : [...inputs, output]) {
    if (!/^[A-Za-z]*(\.\.\.)?[A-Za-z]*$/.test(term)) {
      throw new ValueError(
        `einsum(${show(equation)}): cannot read ${show(term)}`,
        'a term has letters a-z and A-Z, one per dim, and at most one "..."',
      );
    }
  }
  return { inputs, output };
}

const rest = (count: number): string[] => Array.from({ length: count }, (_, i) => `~${count - 1 - i}`);

function labelsOf(says: string, term: string, x: Tensor): string[] {
  const letters = Array.from(term.replace("...", ""));
  const open = x.ndim - letters.length;
  if (open < 0 || (open > 0 && !term.includes("..."))) {
    throw new ShapeError(
      `${says}: ${show(term)} has ${letters.length} letters for the ${x.ndim} dims of ${text(x.shape)}`,
      open > 0 ? 'let "..." stand for the others' : undefined,
    );
  }
  const first = term.includes("...") ? term.indexOf("...") : letters.length;
  return letters.toSpliced(first, 0, ...rest(open));
}

/** Every letter has one size, or 1, which broadcasts; on a diagonal just one. */
function checkSizes(says: string, operands: readonly Labelled[]): void {
  const sizes = new Map<string, number>();
  for (const { x, labels } of operands) {
    labels.forEach((label, i) => {
      const size = x.shape[i]!;
      const first = labels.indexOf(label);
      if (size !== x.shape[first]) {
        throw new ShapeError(
          `${says}: ${show(label)} is a diagonal of ${text(x.shape)} with sizes ${x.shape[first]!} and ${size}`,
        );
      }
      const known = sizes.get(label) ?? 1;
      if (known !== 1 && size !== 1 && known !== size) {
        const name = label.startsWith("~") ? "a dim of the ellipsis" : show(label);
        throw new ShapeError(
          `${says}: ${name} has sizes ${known} and ${size}, in tensors of shape ${operands.map((operand) => text(operand.x.shape)).join(" and ")}`,
        );
      }
      sizes.set(label, known === 1 ? size : known);
    });
  }
}

function outputOf(says: string, terms: Terms, operands: readonly Labelled[]): string[] {
  const all = operands.flatMap((operand) => operand.labels);
  const open = rest(new Set(all.filter((label) => label.startsWith("~"))).size);
  if (terms.output === null) {
    const letters = all.filter((label) => !label.startsWith("~"));
    return [...open, ...letters.filter((label) => letters.indexOf(label) === letters.lastIndexOf(label)).sort()];
  }
  const letters = Array.from(terms.output.replace("...", ""));
  for (const letter of letters) {
    if (!all.includes(letter)) throw new ValueError(`${says}: the output's ${show(letter)} stands in no input`);
    if (letters.indexOf(letter) !== letters.lastIndexOf(letter)) {
      throw new ValueError(`${says}: the output has ${show(letter)} twice`);
    }
  }
  return terms.output.includes("...") ? letters.toSpliced(terms.output.indexOf("..."), 0, ...open) : letters;
}

/** Takes the diagonal for each letter that stands more than once. */
function diagonals(operand: Labelled): Labelled {
  const { x, labels } = operand;
  const j = labels.findIndex((label, at) => labels.indexOf(label) < at);
  if (j < 0) return operand;
  // With both dims last and flattened, the diagonal is every (n + 1)-th element.
  const i = labels.indexOf(labels[j]!);
  const n = x.shape[i]!;
  const others = labels.map((_, d) => d).filter((d) => d !== i && d !== j);
  const moved = toOrder(x, [...others, i, j]);
  const flat = toShape(moved, [...moved.shape.slice(0, -2), n * n]);
  return diagonals({ x: slice(flat, others.length, 0, n, n + 1), labels: [...others, i].map((d) => labels[d]!) });
}

function sumOver({ x, labels }: Labelled, drop: (label: string) => boolean): Labelled {
  const dims = labels.flatMap((label, i) => (drop(label) ? [i] : []));
  return dims.length === 0 ? { x, labels } : { x: x.sum(dims), labels: labels.filter((label) => !drop(label)) };
}

/** Multiplies two tensors and sums over the labels that nothing later needs: one matrix product. */
function contract(says: string, left: Labelled, right: Labelled, later: ReadonlySet<string>): Labelled {
  // What only one side has, and nobody needs, is summed before the product.
  let a = sumOver(left, (label) => !later.has(label) && !right.labels.includes(label));
  let b = sumOver(right, (label) => !later.has(label) && !left.labels.includes(label));
  const dtype = commonDType(a.x, b.x);
  a = { x: cast(a.x, dtype), labels: a.labels };
  b = { x: cast(b.x, dtype), labels: b.labels };
  const shared = a.labels.filter((label) => b.labels.includes(label));
  const batch = shared.filter((label) => later.has(label));
  const summed = shared.filter((label) => !later.has(label));
  const rows = a.labels.filter((label) => !shared.includes(label));
  const columns = b.labels.filter((label) => !shared.includes(label));
  const labels = [...batch, ...rows, ...columns];
  if (summed.length === 0) {
    const ones = columns.map(() => 1);
    const tall = ordered(a, [...batch, ...rows]);
    const wide = ordered(b, [...batch, ...columns]);
    const wideShape = [...wide.shape.slice(0, batch.length), ...rows.map(() => 1), ...wide.shape.slice(batch.length)];
    return { x: toShape(tall, [...tall.shape, ...ones]).mul(toShape(wide, wideShape)), labels };
  }
  if (dtype === "bool") {
    throw new DTypeError(`${says}: products of bool tensors cannot be summed`, 'convert them with x.to("int32")');
  }
  const p = ordered(a, [...batch, ...rows, ...summed]);
  const q = ordered(b, [...batch, ...summed, ...columns]);
  const lead = batch.length;
  const inner = summed.map((_, i) => pick(p.shape[lead + rows.length + i]!, q.shape[lead + i]!));
  const rowSizes = p.shape.slice(lead, lead + rows.length);
  const columnSizes = q.shape.slice(lead + summed.length);
  const k = sizeOf(inner);
  const tall = toShape(toExpanded(p, [...p.shape.slice(0, lead + rows.length), ...inner]), [
    ...p.shape.slice(0, lead),
    sizeOf(rowSizes),
    k,
  ]);
  const wide = toShape(toExpanded(q, [...q.shape.slice(0, lead), ...inner, ...columnSizes]), [
    ...q.shape.slice(0, lead),
    k,
    sizeOf(columnSizes),
  ]);
  const out = multiply(tall, wide);
  return { x: toShape(out, [...out.shape.slice(0, lead), ...rowSizes, ...columnSizes]), labels };
}

/** The size that two broadcast to. */
const pick = (m: number, n: number): number => (m === 1 ? n : m);

const ordered = ({ x, labels }: Labelled, order: readonly string[]): Tensor =>
  toOrder(
    x,
    order.map((label) => labels.indexOf(label)),
  );
