/** Data to teach and to test with, drawn from a generator: nothing to download. */
export { blobs, type BlobsOptions } from "./blobs.js";
export { checkerboard, type CheckerboardOptions } from "./checkerboard.js";
export { circles, type CirclesOptions } from "./circles.js";
export { type GlyphDigits, glyphDigits, type GlyphDigitsOptions } from "./glyph-digits.js";
export type { FontName } from "./glyph-fonts.js";
export type { Labelled, NoisyOptions, SyntheticOptions } from "./labelled-points.js";
export { linear, type LinearOptions } from "./linear.js";
export { sines, type SinesOptions } from "./sines.js";
export { spirals, type SpiralsOptions } from "./spirals.js";
export { twoMoons } from "./two-moons.js";
export { xor } from "./xor.js";
