/** GPUBufferUsage, which is no global in Node. */
export const usage = {
  mapRead: 0x01,
  copySrc: 0x04,
  copyDst: 0x08,
  uniform: 0x40,
  storage: 0x80,
} as const;

/** GPUMapMode.READ */
export const mapRead = 1;
