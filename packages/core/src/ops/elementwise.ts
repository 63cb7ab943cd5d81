// The elementwise families. Each op is a method of Tensor too, and `name_` its in-place form.
export * from "./arithmetic.js";
export * from "./choice.js";
export * from "./comparison.js";
export * from "./composite/activations.js";
export * from "./exponential.js";
export * from "./rounding.js";
export * from "./trigonometry.js";
