import { readdirSync } from "node:fs";
import * as core from "@downhill/core";
import * as engine from "@downhill/core/engine";
import { allCases, caseTables, drawCase, Draws, dtypesOf, seedOf } from "@downhill/core/testing";
import { describe, expect, test } from "vitest";

// Gradients, conformance of backends and properties go through the tables of cases: nothing may be missing there.

/** Exported, or methods, but no ops. */
const others = {
  tensors:
    "Tensor tensor zeros ones empty full eye arange linspace logspace trilIndices triuIndices zerosLike onesLike emptyLike fullLike",
  random:
    "rand randn randint randperm uniform normal bernoulli multinomial randLike randnLike manualSeed Generator defaultGenerator RandomState",
  "depend on values, so they return Promises": "maskedSelect nonzero unique equal allclose bincount",
  "second names":
    "absolute arccos arccosh arcsin arcsinh arctan arctan2 arctanh clip divide trueDivide greaterEqual greater lessEqual less multiply notEqual negative sgn subtract fix concat concatenate rowStack moveaxis swapaxes swapdims ger trapz",
  shapes: "broadcastShapes",
  namespaces: "linalg",
  "parts of a call": "range composite compile keep printOptions setPrintOptions",
  "the engine":
    "explain Explanation memoryStats resetPeakMemoryStats setMemoryBudget estimateMemory largestBatch getNumThreads setNumThreads",
  "to other threads and from bytes": "toTransferable fromTransferable fromBuffer toBuffer",
  devices: "setDefaultDevice defaultDevice getDevice",
  autograd:
    "grad jacobian hessian hvp vjp jvp backward recordedGraph noGrad enableGrad isGradEnabled setGradEnabled autocast checkpoint detectAnomaly setDetectAnomaly AutogradFunction FunctionContext gradcheck gradgradcheck",
  errors:
    "DownhillError ShapeError DTypeError IndexError ValueError GradientError VersionError TraceError DeviceError MemoryError GradcheckError",
  "members of Tensor":
    "constructor isVariable shape dtype device ndim requiresGrad isLeaf numel dim size requiresGrad_ retainGrad registerHook detach zeroGrad hasGrad madeGrad peekGrad storeGrad data item tolist toText toString toJSON dispose read describe copy_ fill_ zero_",
};
const noOps = Object.values(others).flatMap((names) => names.split(" "));

const rows = Object.values(caseTables).flatMap((table) => Object.keys(table));
const methods = Object.getOwnPropertyNames(core.Tensor.prototype);
const exported = [...Object.keys(core), ...Object.keys(core.linalg)];

test("every file of cases is in the list of tables", () => {
  const files = readdirSync(new URL("../src/testing/cases", import.meta.url)).filter((file) => file !== "index.ts");
  const tables = Object.keys(caseTables).map((name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`));
  for (const file of files) expect(tables, file).toContain(file.replace(".ts", ""));
});

test("every op that core exports, and every method of Tensor, has a case", () => {
  const bases = methods.map((name) => (name.endsWith("_") && !noOps.includes(name) ? name.slice(0, -1) : name));
  expect([...exported, ...bases].filter((name) => !rows.includes(name) && !noOps.includes(name))).toEqual([]);
});

test("every case is of something exported or a method, and the list of others has no old names", () => {
  const known = [...exported, ...methods];
  expect(rows.filter((name) => !known.includes(name) && !(name in engine))).toEqual([]);
  expect(noOps.filter((name) => !known.includes(name))).toEqual([]);
  expect(noOps.filter((name) => rows.includes(name))).toEqual([]);
});

test("cases have names of their own", () => {
  const names = allCases.map(({ family, name }) => `${family}: ${name}`);
  expect(names.filter((name, i) => names.indexOf(name) !== i)).toEqual([]);
});

describe("the elements of a case", () => {
  test("are in its range, of its dtype, and the same at each run", () => {
    for (const { name, row } of allCases) {
      const [low, high] = row.range ?? [-2, 2];
      for (const dtype of dtypesOf(row)) {
        const data = drawCase(row, dtype, new Draws(seedOf(name)));
        expect(data, name).toEqual(drawCase(row, dtype, new Draws(seedOf(name))));
        if (dtype === "bool") continue;
        for (const x of data.flatMap((elements) => [...elements]))
          expect(x >= Math.max(low, dtype === "uint8" ? 0 : low) && x <= high, `${name}: ${x}`).toBe(true);
      }
    }
  });

  test("spread over their range", () => {
    const draws = new Draws(1);
    const counts = new Array<number>(10).fill(0);
    for (let i = 0; i < 10_000; i++) counts[draws.below(10)]!++;
    for (const count of counts) expect(Math.abs(count - 1000)).toBeLessThan(150);
  });
});
