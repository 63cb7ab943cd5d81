import { MessageChannel } from "node:worker_threads";
import { describe, expect, it } from "vitest";
import {
  type DType,
  fromBuffer,
  fromTransferable,
  ones,
  type Tensor,
  tensor,
  toBuffer,
  toTransferable,
} from "../src/index.js";

/** What arrives on the other side of a channel. */
async function sent<T>(value: T): Promise<T> {
  const { message, transfer } = await toTransferable(value);
  const { port1, port2 } = new MessageChannel();
  try {
    const arrives = new Promise<unknown>((resolve) => port2.once("message", resolve));
    port1.postMessage(message, transfer);
    return fromTransferable(await arrives) as T;
  } finally {
    port1.close();
  }
}

const dtypes: readonly DType[] = ["float32", "float64", "int32", "uint8", "bool"];

describe("tensors cross postMessage", () => {
  it.each(dtypes)("%s, with their shape and values", async (dtype) => {
    const x = tensor([[1, 0, 3], [4, 5, 250]], { dtype }); // prettier-ignore
    const there = await sent(x);
    expect([there.shape, there.dtype, await there.tolist()]).toEqual([x.shape, dtype, await x.tolist()]);
  });

  it("within arrays and objects, whatever their keys are, beside what the structured clone takes", async () => {
    const value = { $tensor: 1, $$x: [tensor(2), null], date: new Date(3), at: { n: 4n, map: new Map([[1, "a"]]) } };
    const there = await sent(value);
    const [two] = there.$$x as [Tensor, null];
    expect([two.shape, await two.item()]).toEqual([[], 2]);
    expect({ ...there, $$x: null }).toEqual({ ...value, $$x: null });
  });

  it("no copy beyond the one that reads: the buffers move, and the other side's tensor takes them over", async () => {
    const x = ones([1000]);
    const { message, transfer } = await toTransferable([x, x.add(1)]);
    expect(transfer.map(({ byteLength }) => byteLength)).toEqual([4000, 4000]);
    const there = structuredClone(message, { transfer }) as { $tensor: { data: Float32Array } }[];
    expect(transfer.map(({ byteLength }) => byteLength)).toEqual([0, 0]);
    const [first] = fromTransferable(there) as Tensor[];
    there[0]!.$tensor.data[0] = 7; // the very same memory
    expect((await first!.data())[0]).toBe(7);
    expect((await x.data())[0]).toBe(1); // this side keeps its value
  });

  it("as leaves, with the value of the call", async () => {
    const w = tensor([1, 2], { requiresGrad: true });
    const y = w.mul(3);
    const going = toTransferable(y);
    y.add_(1);
    const there = fromTransferable((await going).message) as Tensor;
    expect([there.requiresGrad, await there.tolist()]).toEqual([false, [3, 6]]);
  });

  it("not what is circular, nor what no toTransferable has made", async () => {
    const loop: unknown[] = [];
    loop.push(loop);
    await expect(toTransferable(loop)).rejects.toThrow("nested too deep, or circular");
    for (const $tensor of [
      null,
      { dtype: "float32", shape: [3], data: new Float32Array(2) },
      { dtype: "int32", shape: [2], data: new Float32Array(2) },
      { dtype: "float16", shape: [2], data: new Uint16Array(2) },
      { dtype: "float32", shape: [-2], data: new Float32Array(2) },
      { dtype: "float32", shape: [2] },
    ]) {
      expect(() => fromTransferable({ $tensor })).toThrow("fromTransferable: ");
    }
  });
});

describe("bytes", () => {
  it.each(dtypes)("to a Buffer and back: %s", async (dtype) => {
    const x = tensor([[1, 0], [3, 200]], { dtype }); // prettier-ignore
    const bytes = await toBuffer(x);
    expect(Buffer.isBuffer(bytes)).toBe(true);
    const back = fromBuffer(bytes, { dtype, shape: [2, 2] });
    expect([back.dtype, await back.tolist()]).toEqual([dtype, await x.tolist()]);
  });

  it("from wherever they begin, copied", async () => {
    const bytes = Buffer.concat([Buffer.of(9), await toBuffer(tensor([1.5, -2]))]);
    const view = bytes.subarray(1);
    const x = fromBuffer(view, { dtype: "float32" });
    expect(await fromBuffer(bytes, { dtype: "float32", offset: 5 }).tolist()).toEqual([-2]);
    view.fill(0);
    expect(await x.tolist()).toEqual([1.5, -2]);
    expect(await fromBuffer(Int32Array.of(7).buffer, { dtype: "int32" }).tolist()).toEqual([7]);
    expect(await fromBuffer(Uint8Array.of(0, 1, 9), { dtype: "bool" }).tolist()).toEqual([false, true, true]);
  });

  it("not where they do not fit", () => {
    expect(() => fromBuffer(new Uint8Array(6), { dtype: "float32" })).toThrow(
      "fromBuffer: 6 bytes are no whole number of elements of float32, which take 4 each",
    );
    expect(() => fromBuffer(new Uint8Array(6), { shape: [7] })).toThrow("6 bytes are too few for [7] of uint8");
    expect(() => fromBuffer(new Uint8Array(6), { offset: 7 })).toThrow("offset must be an integer from 0 to 6, got 7");
    expect(() => fromBuffer([1] as never)).toThrow("expects a Buffer, an ArrayBuffer or a typed array, got [1]");
  });
});
