/** A power of two that all sizes stay within: a scale that changes seldom while they change a little. */
export const reach = (sizes: readonly number[]): number =>
  2 ** Math.ceil(Math.log2(1.02 * Math.max(1e-3, ...sizes.map(Math.abs))));
