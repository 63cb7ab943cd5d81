import type { DType } from "@downhill/core";
import { Message } from "./protobuf.js";

// The messages of onnx.proto3, with the numbers of their fields. https://github.com/onnx/onnx/blob/main/onnx/onnx.proto

/** What a value of a graph is made of: our dtypes, and the integers that ONNX counts with. */
export type ElementType = DType | "int64";

/** TensorProto.DataType */
export const elementCode: Readonly<Record<ElementType, number>> = {
  float32: 1,
  uint8: 2,
  int32: 6,
  int64: 7,
  bool: 9,
  float16: 10,
  float64: 11,
};

/** An attribute: a whole number, one with a fraction, a text, or a list of whole numbers or texts. */
export type Attribute = number | string | readonly number[] | readonly string[] | { readonly float: number };

/** AttributeProto, with its type: FLOAT 1, INT 2, STRING 3, INTS 7, STRINGS 8. */
export function attributeMessage(name: string, value: Attribute): Message {
  const message = new Message().bytes(1, name);
  if (typeof value === "number") return message.int(3, value).int(20, 2);
  if (typeof value === "string") return message.bytes(4, value).int(20, 3);
  if ("float" in value) return message.float(2, value.float).int(20, 1);
  const texts = value.some((item) => typeof item === "string");
  for (const item of value) {
    if (typeof item === "string") message.bytes(9, item);
    else message.int(8, item);
  }
  return message.int(20, texts ? 8 : 7);
}

/** One operation of a graph. */
export interface Operation {
  readonly type: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, Attribute>>;
}

/** NodeProto */
export function operationMessage({ type, inputs, outputs, attributes }: Operation): Message {
  const message = new Message();
  for (const input of inputs) message.bytes(1, input);
  for (const output of outputs) message.bytes(2, output);
  message.bytes(3, outputs[0]!).bytes(4, type);
  for (const [name, value] of Object.entries(attributes)) message.message(5, attributeMessage(name, value));
  return message;
}

/** TensorProto with its elements as bytes, little-endian. */
export function tensorMessage(name: string, type: ElementType, shape: readonly number[], bytes: Uint8Array): Message {
  const message = new Message();
  for (const size of shape) message.int(1, size);
  return message.int(2, elementCode[type]).bytes(8, name).bytes(9, bytes);
}

/** An input or output of a graph; a size that is a text varies. */
export interface Port {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string)[];
}

/** ValueInfoProto of a TypeProto.Tensor */
export function portMessage({ name, type, shape }: Port): Message {
  const sizes = new Message();
  for (const size of shape)
    sizes.message(1, typeof size === "number" ? new Message().int(1, size) : new Message().bytes(2, size));
  const tensor = new Message().int(1, elementCode[type]).message(2, sizes);
  return new Message().bytes(1, name).message(2, new Message().message(1, tensor));
}

/** What a file holds. */
export interface Graph {
  readonly name: string;
  readonly opset: number;
  readonly operations: readonly Operation[];
  readonly constants: readonly Message[];
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
}

/** ModelProto, of the version of the format (8) that came with opset 18. */
export function modelMessage({ name, opset, operations, constants, inputs, outputs }: Graph): Message {
  const graph = new Message();
  for (const operation of operations) graph.message(1, operationMessage(operation));
  graph.bytes(2, name);
  for (const constant of constants) graph.message(5, constant);
  for (const port of inputs) graph.message(11, portMessage(port));
  for (const port of outputs) graph.message(12, portMessage(port));
  return new Message()
    .int(1, 8)
    .bytes(2, "downhill")
    .message(7, graph)
    .message(8, new Message().bytes(1, "").int(2, opset));
}
