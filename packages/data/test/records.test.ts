import { describe, expect, test } from "vitest";
import { encodeRecords, fromRecords, type RecordStatistics } from "../src/index.js";

const rows = [
  { size: 40, town: "Kiel", garden: true, rent: 500, kind: "flat" },
  { size: 60, town: "Bonn", garden: false, rent: 600, kind: "house" },
  { size: 80, town: "Kiel", garden: false, rent: 800, kind: "flat" },
];

describe("fromRecords", () => {
  test("standardises numbers, makes columns of texts, and leaves the target", async () => {
    const dataset = fromRecords(rows, { features: ["size", "town"], target: "rent" });
    const z = Math.sqrt(1.5); // 20 / sqrt(800 / 3)
    const [X, y] = dataset.tensors;
    expect(await X.tolist()).toEqual([[-z, 0, 1], [0, 1, 0], [z, 0, 1]].map((row) => row.map(Math.fround))); // prettier-ignore
    expect(await y.tolist()).toEqual([[500], [600], [800]]);
    expect(dataset.statistics).toEqual({
      features: [
        { name: "size", mean: 60, std: Math.sqrt(800 / 3) },
        { name: "town", categories: ["Bonn", "Kiel"] },
      ],
      target: "rent",
      classes: null,
    });
  });

  test("makes classes of a target of texts", async () => {
    const dataset = fromRecords(rows, { features: ["size"], target: "kind" });
    expect(dataset.tensors[1].dtype).toBe("int32");
    expect(await dataset.tensors[1].tolist()).toEqual([0, 1, 0]);
    expect(dataset.statistics.classes).toEqual(["flat", "house"]);
  });

  test("takes booleans for numbers, and makes 0 of a constant column", async () => {
    const same = rows.map((row) => ({ ...row, size: 7 }));
    const [X] = fromRecords(same, { features: ["size", "garden"], target: "rent" }).tensors;
    expect(((await X.tolist()) as number[][]).map(([size]) => size)).toEqual([0, 0, 0]);
    expect(((await X.tolist()) as number[][])[0]![1]).toBeCloseTo(Math.SQRT2, 5);
  });

  test("keeps its statistics for other data, through JSON too", async () => {
    const train = fromRecords(rows, { features: ["size", "town"], target: "kind" });
    const statistics = JSON.parse(JSON.stringify(train.statistics)) as RecordStatistics;
    const fresh = [{ size: 60, town: "Kiel" }];
    expect(await train.encode(fresh).tolist()).toEqual([[0, 0, 1]]);
    expect(await encodeRecords(fresh, statistics).tolist()).toEqual([[0, 0, 1]]);
    const test_ = fromRecords([rows[1]!], { features: ["size", "town"], target: "kind", statistics });
    expect(await test_.tensors[0].tolist()).toEqual([[0, 1, 0]]);
    expect(await test_.tensors[1].tolist()).toEqual([1]);
  });

  test("names the row and the column of what does not fit", () => {
    const from =
      (extra: object, options: object = { features: ["size", "town"], target: "rent" }) =>
      () =>
        fromRecords([...rows, { ...rows[0]!, ...extra }], options as never);
    expect(from({ size: null })).toThrow('fromRecords: row 3, column "size": expects a finite number, got null');
    expect(from({ size: Number.NaN })).toThrow('row 3, column "size"');
    expect(from({ town: 3 })).toThrow('fromRecords: row 3, column "town": expects a text as in row 0, got 3');
    expect(from({ rent: "much" })).toThrow('row 3, column "rent": expects a finite number, got "much"');
    expect(from({}, { features: ["floor"], target: "rent" })).toThrow('row 0, column "floor": expects a finite number');
    expect(from({}, { features: [], target: "rent" })).toThrow("features must be names of columns");
    expect(from({}, { features: ["size"], target: "rent", scale: 1 })).toThrow('unknown option "scale"');
    expect(() => fromRecords([], { features: [], target: "" })).toThrow("an array of objects, one or more");
    const towns = fromRecords(rows, { features: ["town"], target: "rent" });
    expect(() => towns.encode([{ town: "Ulm" }])).toThrow(
      'encodeRecords: row 0, column "town": "Ulm" is none of Bonn, Kiel',
    );
  });
});
