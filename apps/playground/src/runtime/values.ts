/** Numbers in any form that programs have them. */
export type Values = TensorValues | ArrayLike<number> | readonly (readonly number[])[];

/** What is needed of a tensor, so that these files load no package. */
interface TensorValues {
  readonly shape: readonly number[];
  readonly dtype: string;
  data(): Promise<ArrayLike<number>>;
}

export interface Numbers {
  readonly data: ArrayLike<number>;
  readonly shape: readonly number[];
  readonly isByte: boolean;
}

/** Reads a tensor, a typed array or nested lists, as they are now. */
export async function numbersOf(where: string, values: Values): Promise<Numbers> {
  if (isTensor(values)) {
    const { shape, dtype } = values;
    return { data: await values.data(), shape, isByte: dtype === "uint8" };
  }
  if (ArrayBuffer.isView(values)) {
    const data = (values as Float64Array).slice();
    return { data, shape: [data.length], isByte: values instanceof Uint8Array || values instanceof Uint8ClampedArray };
  }
  if (!Array.isArray(values)) throw new TypeError(`${where}: takes a tensor, a typed array or a list of numbers`);
  const shape: number[] = [];
  for (let level: unknown = values; Array.isArray(level); level = level[0]) shape.push(level.length);
  const data = (values as unknown[]).flat(Infinity);
  const wrong = data.find((value) => typeof value !== "number");
  if (wrong !== undefined) {
    throw new TypeError(
      `${where}: takes numbers, got ${typeof wrong}\n  hint: of tensors in a list, stack them: ${where}(stack(list))`,
    );
  }
  return { data: data as number[], shape, isByte: false };
}

const isTensor = (values: object): values is TensorValues => "shape" in values && "dtype" in values && "data" in values;
