import { type Tensor, ValueError } from "@downhill/core";
import { checkOptions, fromHost, show } from "@downhill/core/engine";
import { TensorDataset } from "./tensor-dataset.js";

/** What is known of a feature: how a number is standardised, or which texts there are. Plain data: JSON keeps it. */
export type FeatureStatistics =
  | { readonly name: string; readonly mean: number; readonly std: number }
  | { readonly name: string; readonly categories: readonly string[] };

/** What inference needs to treat rows as training did. Plain data: `JSON.stringify` keeps it beside the weights. */
export interface RecordStatistics {
  readonly features: readonly FeatureStatistics[];
  readonly target: string;
  /** The texts of the target, by class; null for a target of numbers. */
  readonly classes: readonly string[] | null;
}

type Row = Readonly<Record<string, unknown>>;

/** The options of `fromRecords`. */
export interface FromRecordsOptions<Name extends string = string> {
  /** Columns of numbers or booleans, and of texts. */
  readonly features: readonly Name[];
  /** Numbers to predict, or texts: classes. */
  readonly target: Name;
  /** Of the training data, for validation and test data; computed from the rows if left out. */
  readonly statistics?: RecordStatistics;
}

/** Rows as tensors, with the statistics that made them; see `fromRecords`. */
export class RecordDataset extends TensorDataset<[x: Tensor, y: Tensor]> {
  readonly statistics: RecordStatistics;

  constructor(x: Tensor, y: Tensor, statistics: RecordStatistics) {
    super(x, y);
    this.statistics = statistics;
  }

  /** Makes the inputs of new rows, which need no target: shape [rows, columns]. */
  encode(rows: readonly object[]): Tensor {
    return encodeRecords(rows, this.statistics);
  }
}

/**
 * Makes a dataset of an array of objects. Numbers are standardised, (x - mean) / std, the std over all rows as
 * scikit-learn's StandardScaler computes it; a constant column becomes 0. Texts become one column for each of theirs, 0 or 1. A target
 * of numbers stays as it is, float32 of shape [n, 1]; texts become int32 classes of shape [n], in alphabetical order.
 *
 * The statistics are kept, for data that the model has not seen: `dataset.encode(rows)`, or `encodeRecords` elsewhere.
 *
 * @throws ValueError for a value that is missing or of another kind than the others, with its row and column.
 *
 * @example
 * const flats = [{ size: 40, town: "Bonn", rent: 500 }, { size: 60, town: "Kiel", rent: 600 }];
 * const rents = fromRecords(flats, { features: ["size", "town"], target: "rent" });
 * await rents.tensors[0].tolist(); // [[-1, 1, 0], [1, 0, 1]]
 * await rents.encode([{ size: 50, town: "Kiel" }]).tolist(); // [[0, 0, 1]]
 */
export function fromRecords<Record extends object>(
  rows: readonly Record[],
  options: FromRecordsOptions<Extract<keyof Record, string>>,
): RecordDataset {
  const where = "fromRecords";
  checkOptions(where, options, ["features", "target", "statistics"]);
  const { features, target, statistics } = options;
  if (!Array.isArray(rows) || rows.length === 0) {
    throw new ValueError(`${where}: expects an array of objects, one or more, got ${show(rows)}`);
  }
  if (!Array.isArray(features) || features.length === 0 || typeof target !== "string") {
    throw new ValueError(
      `${where}: features must be names of columns and target one, got ${show(features)} and ${show(target)}`,
      '{ features: ["size", "age"], target: "price" }',
    );
  }
  const records = rows as unknown as readonly Row[];
  const names: readonly string[] = features;
  const known = statistics ?? {
    features: names.map((name) => statisticsOf(records, name)),
    target,
    classes: typeof records[0]![target] === "string" ? categoriesOf(records, target) : null,
  };
  const x = encode(where, records, known);
  const y = records.map((row, i) => {
    if (known.classes === null) return numberAt(where, row, i, target);
    return placeAt(where, row, i, { name: target, categories: known.classes });
  });
  const targets =
    known.classes === null
      ? fromHost(where, Float32Array.from(y), [y.length, 1], "float32")
      : fromHost(where, Int32Array.from(y), [y.length], "int32");
  return new RecordDataset(x, targets, known);
}

/**
 * Makes the inputs of rows with statistics of earlier: what a trained model expects. The rows need the features only.
 *
 * @example
 * const statistics = { features: [{ name: "size", mean: 50, std: 10 }], target: "rent", classes: null };
 * await encodeRecords([{ size: 70 }], statistics).tolist(); // [[2]]
 */
export function encodeRecords(rows: readonly object[], statistics: RecordStatistics): Tensor {
  return encode("encodeRecords", rows as readonly Row[], statistics);
}

function encode(where: string, rows: readonly Row[], { features }: RecordStatistics): Tensor {
  const widths = features.map((feature) => ("mean" in feature ? 1 : feature.categories.length));
  const width = widths.reduce((a, b) => a + b, 0);
  const data = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    let place = i * width;
    features.forEach((feature, k) => {
      if ("mean" in feature) data[place] = (numberAt(where, row, i, feature.name) - feature.mean) / feature.std;
      else data[place + placeAt(where, row, i, feature)] = 1;
      place += widths[k]!;
    });
  });
  return fromHost(where, data, [rows.length, width], "float32");
}

function statisticsOf(rows: readonly Row[], name: string): FeatureStatistics {
  if (typeof rows[0]![name] === "string") return { name, categories: categoriesOf(rows, name) };
  const values = rows.map((row, i) => numberAt("fromRecords", row, i, name));
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const std = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return { name, mean, std: std === 0 ? 1 : std };
}

function categoriesOf(rows: readonly Row[], name: string): string[] {
  const texts = rows.map((row, i) => {
    const value = row[name];
    if (typeof value === "string") return value;
    throw new ValueError(`fromRecords: row ${i}, column ${show(name)}: expects a text as in row 0, got ${show(value)}`);
  });
  return [...new Set(texts)].sort();
}

function numberAt(where: string, row: Row, index: number, name: string): number {
  const value = row[name];
  if (typeof value === "boolean") return Number(value);
  if (typeof value === "number" && Number.isFinite(value)) return value;
  throw new ValueError(
    `${where}: row ${index}, column ${show(name)}: expects a finite number, got ${show(value)}`,
    "leave such rows out, or fill them in",
  );
}

function placeAt(
  where: string,
  row: Row,
  index: number,
  { name, categories }: { name: string; categories: readonly string[] },
): number {
  const place = categories.indexOf(row[name] as string);
  if (place >= 0) return place;
  throw new ValueError(
    `${where}: row ${index}, column ${show(name)}: ${show(row[name])} is none of ${categories.join(", ")}`,
    "the training data has to have all that may come",
  );
}
