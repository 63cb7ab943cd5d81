const units: readonly (readonly [string, number])[] = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
];

/** Writes a number of bytes with a unit and one decimal: `1.2 GiB`. */
export function formatBytes(bytes: number): string {
  for (const [unit, size] of units) if (bytes >= size / 10) return `${(bytes / size).toFixed(1)} ${unit}`;
  return `${bytes} bytes`;
}
