// The part of protobuf's wire format that an ONNX file needs: varints, bytes and nested messages. ONNX has a dozen messages
// and nothing is read here, so this is smaller than any library with a schema of them.
// https://protobuf.dev/programming-guides/encoding/

const text = /* @__PURE__ */ new TextEncoder();

/** Writes the fields of one message, in the order of the calls. */
export class Message {
  readonly #parts: Uint8Array[] = [];
  /** Bytes so far. */
  length = 0;

  #push(part: Uint8Array): void {
    this.#parts.push(part);
    this.length += part.length;
  }

  /** Seven bits to a byte, the low ones first; a negative number as its 64 bits in two's complement. */
  #varint(value: number | bigint): void {
    let rest = BigInt.asUintN(64, BigInt(value));
    const bytes: number[] = [];
    for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
    bytes.push(Number(rest));
    this.#push(Uint8Array.from(bytes));
  }

  /** An integer. */
  int(field: number, value: number | bigint): this {
    this.#varint(field * 8);
    this.#varint(value);
    return this;
  }

  /** A float32. */
  float(field: number, value: number): this {
    this.#varint(field * 8 + 5);
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setFloat32(0, value, true);
    this.#push(bytes);
    return this;
  }

  /** Bytes, or a text as UTF-8. */
  bytes(field: number, value: Uint8Array | string): this {
    const bytes = typeof value === "string" ? text.encode(value) : value;
    this.#varint(field * 8 + 2);
    this.#varint(bytes.length);
    this.#push(bytes);
    return this;
  }

  /** A message within this one. */
  message(field: number, value: Message): this {
    this.#varint(field * 8 + 2);
    this.#varint(value.length);
    for (const part of value.#parts) this.#push(part);
    return this;
  }

  /** All of it. */
  finish(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.length);
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}
