/** Bytes that grow: the sections of a module, and the code of a function. */
export class Bytes {
  private data = new Uint8Array(256);
  length = 0;

  byte(value: number): void {
    if (this.length === this.data.length) this.reserve(1);
    this.data[this.length++] = value;
  }

  /** An instruction of one byte and its unsigned operand. */
  instruction(code: number, operand: number): void {
    if (this.length + 2 > this.data.length) this.reserve(2);
    this.data[this.length++] = code;
    if (operand < 0x80) this.data[this.length++] = operand;
    else this.unsigned(operand);
  }

  /** Unsigned LEB128. */
  unsigned(value: number): void {
    if (value < 0x80 && value >= 0) return this.byte(value);
    let rest = value >>> 0;
    while (rest >= 0x80) {
      this.byte((rest & 0x7f) | 0x80);
      rest >>>= 7;
    }
    this.byte(rest);
  }

  /** Signed LEB128 of a 32-bit integer. */
  signed(value: number): void {
    let rest = value | 0;
    for (;;) {
      const low = rest & 0x7f;
      rest >>= 7;
      if ((rest === 0 && (low & 0x40) === 0) || (rest === -1 && (low & 0x40) !== 0)) return this.byte(low);
      this.byte(low | 0x80);
    }
  }

  name(text: string): void {
    this.unsigned(text.length);
    for (let i = 0; i < text.length; i++) this.byte(text.charCodeAt(i));
  }

  all(bytes: Uint8Array): void {
    this.reserve(bytes.length);
    this.data.set(bytes, this.length);
    this.length += bytes.length;
  }

  /** A vector of bytes: its length, then itself. */
  sized(bytes: Uint8Array): void {
    this.unsigned(bytes.length);
    this.all(bytes);
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.data.subarray(0, this.length);
  }

  private reserve(count: number): void {
    if (this.length + count <= this.data.length) return;
    const grown = new Uint8Array(this.data.length * 2 + count);
    grown.set(this.data.subarray(0, this.length));
    this.data = grown;
  }
}
