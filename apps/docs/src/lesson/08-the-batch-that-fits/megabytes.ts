/** Bytes as MB, of 1024 times 1024 bytes. */
export const megabytes = (bytes: number): number => bytes / 2 ** 20;
