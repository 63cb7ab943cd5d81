let tables: Int32Array | undefined;

/** For each byte what it becomes after 1 … 8 steps: table k stands at 256 k. */
function makeTables(): Int32Array {
  const steps = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (-(crc & 1) & 0xedb88320);
    steps[byte] = crc;
  }
  for (let i = 256; i < steps.length; i++) steps[i] = (steps[i - 256]! >>> 8) ^ steps[steps[i - 256]! & 255]!;
  return steps;
}

/** The checksum of zip files: CRC-32 of ISO 3309, polynomial 0xEDB88320, eight bytes at a time (Kounavis and Berry 2005). */
export function crc32(bytes: Uint8Array): number {
  const t = (tables ??= makeTables());
  let crc = -1;
  let i = 0;
  for (; i + 8 <= bytes.length; i += 8) {
    crc ^= bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    crc =
      t[1792 + (crc & 255)]! ^
      t[1536 + ((crc >>> 8) & 255)]! ^
      t[1280 + ((crc >>> 16) & 255)]! ^
      t[1024 + (crc >>> 24)]! ^
      t[768 + bytes[i + 4]!]! ^
      t[512 + bytes[i + 5]!]! ^
      t[256 + bytes[i + 6]!]! ^
      t[bytes[i + 7]!]!;
  }
  for (; i < bytes.length; i++) crc = (crc >>> 8) ^ t[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}
