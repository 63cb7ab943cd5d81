let table: Int32Array | undefined;

/** The checksum of zip files: CRC-32 of ISO 3309, polynomial 0xEDB88320. */
export function crc32(bytes: Uint8Array): number {
  const steps = (table ??= Int32Array.from({ length: 256 }, (_, byte) => {
    for (let bit = 0; bit < 8; bit++) byte = (byte >>> 1) ^ (-(byte & 1) & 0xedb88320);
    return byte;
  }));
  let crc = -1;
  for (let i = 0; i < bytes.length; i++) crc = (crc >>> 8) ^ steps[(crc ^ bytes[i]!) & 255]!;
  return ~crc >>> 0;
}
